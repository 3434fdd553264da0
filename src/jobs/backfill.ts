import type { Database } from "../db/database.ts";
import { databaseError, hasRaised, isOfDriver } from "../db/database-error.ts";
import { inTurn } from "../db/hand-over.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { jobsNextPage, jobsOpenClear, jobsOpenOfMode, jobsPredictSnapshots } from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";
import { timesOf, type Job, type Scope } from "./jobs.ts";
import type { Watch } from "./predict.ts";

/** What a backfill of snapshots would do. */
export interface SnapshotPrediction {
  /** Sessions that would be looked at. */
  sessions: number;
  /** How many of them would get which status. */
  statuses: { snapshot_status: string; row_count: number }[];
}

const pageSize = 5_000;

/**
 * Counts by reading alone what a backfill of snapshots would write, a page of sessions in one snapshot. It ends however many
 * sessions come meanwhile: it walks to the last one there is at its begin, as the backfill does.
 */
export async function predictSnapshots(
  database: Database,
  scope: Scope,
  { stop, onProgress }: Watch,
): Promise<SnapshotPrediction> {
  const { from_at, to_at } = timesOf(scope);
  const counts = new Map<string, number>();
  let sessions = 0;
  for (let after = 0, isLast = false; !isLast && !stop.requested;) {
    const page = await inSnapshot(database, async (store) => {
      const next = await one(store, jobsNextPage, { after_id: after, from_at, to_at, page_size: pageSize });
      if (next.up_to_id === null) return next;
      const range = { after_id: after, up_to_id: next.up_to_id, from_at, to_at };
      for (const { snapshot_status: status, row_count: rows } of await many(
        store,
        jobsPredictSnapshots,
        range,
      ))
        counts.set(status, (counts.get(status) ?? 0) + rows);
      return next;
    });
    isLast = page.up_to_id === null;
    after = page.up_to_id ?? after;
    sessions += page.session_count;
    onProgress?.(sessions);
  }
  const statuses = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    sessions,
    statuses: statuses.map(([snapshot_status, row_count]) => ({ snapshot_status, row_count })),
  };
}

/**
 * Begins a job that takes back what a backfill of snapshots has filled, or finds the one that is open. Throws
 * `backfill.not_undoable` (exit code 64) where the number is not that of a backfill that has ended.
 */
export async function openClear(
  database: Database,
  jobId: number,
  how: { batchSize: number | null; actor: string },
): Promise<Job> {
  const asked = { filled_by_job_id: jobId, batch_size: how.batchSize, actor: how.actor };
  try {
    await inTurn(database, async () => one(database, jobsOpenClear, asked));
  } catch (error) {
    if (hasRaised(error, "WR048"))
      throw new CowriedbError(
        "backfill.not_undoable",
        `Job ${jobId} is no backfill of snapshots that has ended.`,
        {
          hint: "Run: cowriedb jobs list   (an open one ends with: cowriedb jobs cancel)",
          exitCode: exitCodes.usage,
        },
      );
    throw isOfDriver(error) ? databaseError(error, `begin the undo of job ${jobId}`, database.name) : error;
  }
  const job = await maybe(database, jobsOpenOfMode, { kind: "clear_snapshots", mode: "" });
  if (job === undefined)
    throw new CowriedbError("jobs.ended", `The undo of job ${jobId} has just ended.`, {
      hint: "Run the same command again.",
      exitCode: exitCodes.busy,
    });
  return job;
}
