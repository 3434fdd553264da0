import type { Database } from "../db/database.ts";
import { reconcileNoteStep, reconcileRun } from "../sql/generated.ts";
import { none, one } from "../sql/run.ts";
import { advanceRun } from "./lease.ts";
import type { Run } from "./run.ts";

/** What a step adds to its run. */
export interface StepCounts {
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
export const noCounts: StepCounts = {
  ...{ sessions: 0, events: 0, buckets: 0, deep_buckets: 0, deep_sessions: 0 },
  ...{ differed_once: 0, in_flight: 0, snapshot_ms: 0 },
};

/** What two ranges of one step add together; of their snapshots the longer counts. */
export function added(one: StepCounts, other: StepCounts): StepCounts {
  return {
    sessions: one.sessions + other.sessions,
    events: one.events + other.events,
    buckets: one.buckets + other.buckets,
    deep_buckets: one.deep_buckets + other.deep_buckets,
    deep_sessions: one.deep_sessions + other.deep_sessions,
    differed_once: one.differed_once + other.differed_once,
    in_flight: one.in_flight + other.in_flight,
    snapshot_ms: Math.max(one.snapshot_ms, other.snapshot_ms),
  };
}

/** Notes a step; the transaction ends here where another worker has the run, or it was paused or cancelled. */
export async function noteStep(
  writing: Database,
  run: Run,
  counts: StepCounts & { next_step: number },
  busyMs: number,
): Promise<void> {
  const { next_step: done, ...more } = counts;
  await advanceRun(writing, run.lease, run.row.phase, done);
  await none(writing, reconcileNoteStep, { ...more, run_id: run.row.run_id, busy_ms: busyMs });
}

/** Reads the row of a run again. */
export async function refresh(database: Database, run: Run): Promise<void> {
  run.row = await one(database, reconcileRun, { run_id: run.row.run_id });
}
