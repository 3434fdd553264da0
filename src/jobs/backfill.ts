import type { Database } from "../db/database.ts";
import { hasRaised } from "../db/database-error.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { jobsOpenClear, jobsPredictSnapshots } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { openedAs, type Job, type Scope } from "./jobs.ts";
import { eachPage, type Watch } from "./pages.ts";

/** What a backfill of snapshots would do. */
export interface SnapshotPrediction {
  /** Sessions that would be looked at. */
  sessions: number;
  /** How many of them would get which status. */
  statuses: { snapshot_status: string; row_count: number }[];
}

const pageSize = 5_000;

/**
 * Counts by reading alone what a backfill of snapshots would write. It ends however many sessions come meanwhile, as the
 * backfill does.
 */
export async function predictSnapshots(
  database: Database,
  scope: Scope,
  watch: Watch,
): Promise<SnapshotPrediction> {
  const counts = new Map<string, number>();
  const sessions = await eachPage(database, scope, pageSize, watch, async (store, range) => {
    for (const { snapshot_status: status, row_count: rows } of await many(store, jobsPredictSnapshots, range))
      counts.set(status, (counts.get(status) ?? 0) + rows);
  });
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
  return openedAs(database, { kind: "clear_snapshots", mode: "" }, async () => {
    try {
      await one(database, jobsOpenClear, asked);
    } catch (error) {
      throw hasRaised(error, "WR048") ? notUndoable(jobId) : error;
    }
  });
}

function notUndoable(jobId: number): CowriedbError {
  return new CowriedbError(
    "backfill.not_undoable",
    `Job ${jobId} is no backfill of snapshots that has ended.`,
    {
      hint: "Run: cowriedb jobs list   (an open one ends with: cowriedb jobs cancel)",
      exitCode: exitCodes.usage,
    },
  );
}
