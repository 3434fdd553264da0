import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { jobsHasDifferences, jobsHasMissing, jobsHasStrays, jobsMissingSessions } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import type { RebuildKind } from "./predict.ts";

/** A piece of a rebuild that can be looked at by itself. */
export interface Piece {
  kind: RebuildKind;
  phase: "missing" | "sessions" | "strays";
  /** The sessions of the piece in the phase `sessions`: behind the first, up to the second. */
  after_id: number;
  up_to_id: number;
  from_at: string;
  to_at: string;
  session: string | null;
}

/** Whether nothing differs in a piece of a rebuild, in one snapshot; writes nothing. */
export async function isRight(database: Database, piece: Piece): Promise<boolean> {
  return inSnapshot(database, async (store) => {
    const { kind, phase, after_id, up_to_id, from_at, to_at, session } = piece;
    if (phase === "missing") {
      if (session === null) return !(await one(store, jobsHasMissing, {})).has_missing;
      const page = { from_at, to_at, session_id: session, after_session: "", page_size: 1 };
      return (await many(store, jobsMissingSessions, page)).length === 0;
    }
    if (phase === "strays") return !(await one(store, jobsHasStrays, { kind })).has_strays;
    const parts = kind === "rebuild_summaries" ? "summaries" : "command_stats";
    const range = { after_id, up_to_id, from_at, to_at, parts };
    return !(await one(store, jobsHasDifferences, range)).differs;
  });
}
