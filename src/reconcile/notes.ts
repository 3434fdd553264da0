import type { Database } from "../db/database.ts";
import { reconcileNoteStep, reconcileRun } from "../sql/generated.ts";
import { maybe, one } from "../sql/run.ts";
import { lostLease } from "./lease.ts";
import type { Run } from "./run.ts";

/** What a step adds to its run. */
interface StepCounts {
  next_step: number;
  sessions: number;
  events: number;
  buckets: number;
  deep_buckets: number;
  deep_sessions: number;
  differed_once: number;
  in_flight: number;
  snapshot_ms: number;
}

/** A step that added nothing. */
export const noCounts = {
  ...{ sessions: 0, events: 0, buckets: 0, deep_buckets: 0, deep_sessions: 0 },
  ...{ differed_once: 0, in_flight: 0, snapshot_ms: 0 },
};

/** Notes a step; the transaction ends here where another worker has the run. */
export async function noteStep(
  writing: Database,
  run: Run,
  counts: StepCounts,
  busyMs: number,
): Promise<void> {
  const { run_id, worker } = run.row;
  const noted = await maybe(writing, reconcileNoteStep, { ...counts, run_id, worker, busy_ms: busyMs });
  if (noted === undefined) throw lostLease();
}

/** Reads the row of a run again. */
export async function refresh(database: Database, run: Run): Promise<void> {
  run.row = await one(database, reconcileRun, { run_id: run.row.run_id });
}
