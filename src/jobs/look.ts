import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { jobsHasDifferences, jobsHasMissing, jobsHasStrays, jobsMissingSessions } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { firstInstant, lastInstant } from "./jobs.ts";
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

/** What was seen of a piece. */
export interface Look {
  isRight: boolean;
  /** How many sessions were looked at, in the phase `sessions`. */
  sessions: number;
}

/** Looks whether anything differs in a piece of a rebuild, in one snapshot; writes nothing. */
export async function lookAt(database: Database, piece: Piece): Promise<Look> {
  return inSnapshot(database, async (store) => {
    const { kind, phase, after_id, up_to_id, from_at, to_at, session } = piece;
    if (phase === "missing") return { isRight: !(await hasMissing(store, piece)), sessions: 0 };
    if (phase === "strays") {
      // Of a part of the sessions no rows are deleted that have none.
      const isWhole = session === null && from_at === firstInstant && to_at === lastInstant;
      return { isRight: !isWhole || !(await one(store, jobsHasStrays, { kind })).has_strays, sessions: 0 };
    }
    const parts = kind === "rebuild_summaries" ? "summaries" : "command_stats";
    const range = { after_id, up_to_id, from_at, to_at, parts };
    const { differs, session_count: sessions } = await one(store, jobsHasDifferences, range);
    return { isRight: !differs, sessions };
  });
}

async function hasMissing(store: Database, { from_at, to_at, session }: Piece): Promise<boolean> {
  if (session === null) return Boolean((await one(store, jobsHasMissing, {})).has_missing);
  const page = { from_at, to_at, session_id: session, after_session: "", page_size: 1 };
  return (await many(store, jobsMissingSessions, page)).length > 0;
}
