import type { Database } from "../db/database.ts";
import { execute } from "../db/execute.ts";
import { sortOnDisk } from "../db/sqlite.ts";
import { inWriting, setToBuild } from "../db/writing.ts";
import { jobsRunBatch, jobsSetAside } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";
import { jobRun } from "../telemetry/measured.ts";
import { jobOf, type Job } from "./jobs.ts";
import { failJob, jobError, type Lease } from "./lease.ts";

/**
 * Sessions in a statement: enough for its own cost not to count, few enough to be told of and stopped. SQLite keeps what a statement
 * writes in memory of its own until its end, and wants fewer.
 */
const batchSizes = { sqlite: 5000, postgres: 20_000 };

class Stopped extends Error {}

/**
 * Runs a backfill of snapshots to its end in one transaction, with the indexes and triggers set aside that it can do without. Nobody
 * else writes meanwhile, and on PostgreSQL nobody reads the sessions. However it ends, by a signal, a lost connection or a
 * dead program, the store has them: they are back with the last row, or were never gone. Then nothing was written.
 *
 * Throws what `jobError` makes of a failure; the job is then `failed`, and goes on where it was, fast or not.
 */
export async function runFast(
  run: Lease & { kind: string },
  stop: { readonly requested: boolean },
  onProgress?: (job: Job) => void,
): Promise<Job> {
  const name = { kind: run.kind, id: run.jobId, dialect: run.database.dialect };
  const sortAsBefore = run.database.dialect === "sqlite" ? sortOnDisk(run.database) : undefined;
  try {
    return await jobRun(name, async () =>
      inWriting(run.database, async (store) => all(store, run, stop, onProgress)),
    );
  } catch (error) {
    if (error instanceof Stopped) return jobOf(run.database, run.jobId);
    const known = jobError(error, run);
    await failJob(run, known);
    throw known;
  } finally {
    sortAsBefore?.();
  }
}

async function all(
  store: Database,
  { jobId, fence }: Lease,
  stop: { readonly requested: boolean },
  onProgress: ((job: Job) => void) | undefined,
): Promise<Job> {
  await setToBuild(store);
  const parts = await many(store, jobsSetAside, {});
  for (const { aside_text: text } of parts) await execute(store, text);
  let job = await jobOf(store, jobId);
  const batchSize = batchSizes[store.dialect];
  while (job.state === "running") {
    onProgress?.(job);
    await new Promise((resolve) => setImmediate(resolve));
    if (stop.requested) throw new Stopped();
    await one(store, jobsRunBatch, { job_id: jobId, fence, batch_size: batchSize });
    job = await jobOf(store, jobId);
  }
  for (const { back_text: text } of parts) await execute(store, text);
  return { ...job, worker: null, heartbeat_at: null };
}
