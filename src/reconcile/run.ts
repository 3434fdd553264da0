import type { Database } from "../db/database.ts";
import type { Lease } from "../jobs/lease.ts";
import {
  reconcileFirstNotDue,
  reconcilePreviousRun,
  reconcileRun,
  type ReconcileRunRow,
} from "../sql/generated.ts";
import { maybe, one } from "../sql/run.ts";

/** How much a reconciliation proves. */
export type Mode = "quick" | "nightly" | "full";

/** What a reconciliation is and knows of the runs before: all that a reader in another thread is told. */
export interface RunFacts {
  row: ReconcileRunRow;
  mode: Mode;
  /** Whether what earlier runs have proved can be believed: their certificates hold. */
  isTrusted: boolean;
  /** Buckets before this one in the order of their deep proofs are due to be read again. */
  due: { due_run_id: number; due_day: string; due_range: number };
  /** The last run that proved all sessions, where its buckets can be compared with those of this one. */
  previous: { since: string; since_position: number } | undefined;
}

/** A reconciliation under way. */
export interface Run extends RunFacts {
  lease: Lease;
}

/** The step that compares counts of the whole store; it follows the ranges. */
export const ledgerStep = 256;

const behindAllRuns = Number.MAX_SAFE_INTEGER;

/** What a run needs to know before its first step. */
export async function factsOf(database: Database, runId: number, isTrusted: boolean): Promise<RunFacts> {
  const row = await one(database, reconcileRun, { run_id: runId });
  const due = await maybe(database, reconcileFirstNotDue, {});
  const previous = await maybe(database, reconcilePreviousRun, {});
  // Another version may write derived rows, or their lines, in another way.
  const isLike =
    previous?.schema_version === row.schema_version && previous.tool_version === row.tool_version;
  return {
    row,
    mode: row.mode as Mode,
    isTrusted,
    due:
      due === undefined
        ? { due_run_id: behindAllRuns, due_day: "", due_range: 0 }
        : { due_run_id: due.deep_run_id, due_day: due.day, due_range: due.range_number },
    previous:
      previous === undefined || !isLike || !isTrusted
        ? undefined
        : { since: previous.started_at, since_position: previous.watermark_position },
  };
}
