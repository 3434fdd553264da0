import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { workerName } from "../actor.ts";
import type { Database } from "../db/database.ts";
import { driverError, hasRaised, isAway } from "../db/database-error.ts";
import { inTurn } from "../db/hand-over.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import {
  jobsAdvance,
  jobsBeat,
  jobsEnd,
  jobsFail,
  jobsRelease,
  jobsTake,
  jobsWorkers,
  type JobsWorkersRow,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { jobOf } from "./jobs.ts";

/** What a worker holds while a job is its own; each batch names the fence. */
export interface Lease {
  database: Database;
  jobId: number;
  fence: number;
}

/** A worker that is at a job. */
export type WorkerAtJob = JobsWorkersRow;

const pauseLookMs = 500;
/** Less than half of the shortest lease that the settings allow. */
const beatMs = 2_000;
/** How often a statement is tried again while the store is away or locked, at most. */
const mostTries = 5;
const retryMs = 300;

/**
 * Makes this program the worker of an open job; `releaseJob` lets it go. Throws `jobs.taken` (exit code 75) while another
 * worker is at it, or at another job of its kind. May be called in a transaction.
 */
export async function takeLease(database: Database, jobId: number): Promise<Omit<Lease, "database">> {
  const name = `${workerName()}:${randomUUID()}`;
  try {
    await inTurn(database, async () => one(database, jobsTake, { job_id: jobId, worker: name }));
  } catch (error) {
    throw jobError(error, { database, jobId });
  }
  const { fence, worker } = await jobOf(database, jobId);
  // Whoever was held up for longer than a lease before this line is no worker any more.
  if (worker !== name) throw takenError(jobId);
  return { jobId, fence };
}

/** The worker that is at a job of a kind. Whoever is dead is let go: of other machines only the heart is known. */
export async function workerOfKind(database: Database, kind: string): Promise<WorkerAtJob | undefined> {
  let alive: WorkerAtJob | undefined;
  for (const row of await many(database, jobsWorkers, { kind })) {
    if (row.is_alive === 1 && !isGone(row.worker ?? "")) alive = row;
    else await releaseJob({ database, jobId: row.job_id, fence: row.fence });
  }
  return alive;
}

/** Whether a process of this machine has ended. */
function isGone(worker: string): boolean {
  const [host, pid] = worker.split(":");
  if (host !== hostname() || !/^[1-9][0-9]*$/.test(pid ?? "") || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Waits while a job is paused; gives whether its worker may go on. */
export async function mayGoOn(
  lease: Lease,
  stop: { readonly requested: boolean } | undefined,
  onPaused?: () => void,
): Promise<boolean> {
  for (;;) {
    if (stop?.requested === true) return false;
    const { state } = await jobOf(lease.database, lease.jobId);
    if (state !== "paused") return state === "running";
    onPaused?.();
    await restPaused(lease);
  }
}

/** Rests for a moment at a job that is paused, and gives a sign of life. */
export async function restPaused({ database, jobId, fence }: Lease): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, pauseLookMs));
  await patiently(database, async () => none(database, jobsBeat, { job_id: jobId, fence }));
}

/**
 * Gives signs of life while a statement takes long, until the function that it gives is called. SQLite works in this thread:
 * of it nothing is heard before its statement ends.
 */
export function keepAlive({ database, jobId, fence }: Lease): () => Promise<void> {
  if (database.dialect === "sqlite") return async () => Promise.resolve();
  let beat = Promise.resolve();
  const timer = setInterval(() => {
    beat = none(database, jobsBeat, { job_id: jobId, fence }).catch(() => undefined);
  }, beatMs);
  return async () => {
    clearInterval(timer);
    await beat;
  };
}

/**
 * Notes in the transaction of a step that it is done. Throws `jobs.held` where the job was paused or cancelled a moment ago, and
 * `jobs.taken` where another worker has it: the step is to be rolled back.
 */
export async function advance(
  writing: Database,
  { jobId, fence }: Lease,
  phase: string,
  upTo: number,
): Promise<void> {
  try {
    await one(writing, jobsAdvance, { job_id: jobId, fence, phase, up_to_id: upTo, session_count: null });
  } catch (error) {
    if (hasRaised(error, "WR042")) throw takenError(jobId, error);
    if (!hasRaised(error, "WR040")) throw error;
    throw new CowriedbError("jobs.held", `Job ${jobId} was paused or cancelled.`, {
      hint: `Run: cowriedb jobs show ${jobId}`,
      cause: error,
    });
  }
}

/** Whether a step was not done because its job was paused or cancelled. */
export function isHeld(error: unknown): boolean {
  return error instanceof CowriedbError && error.code === "jobs.held";
}

/** Ends a job whose last step is done, in the transaction of that step. */
export async function endJob(
  writing: Database,
  { jobId, fence }: Lease,
  state: "done" | "needs_attention",
): Promise<void> {
  await one(writing, jobsEnd, { job_id: jobId, fence, state });
}

/** Tries again what found the store locked or away for a moment. */
export async function patiently<T>(database: Database, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTurn(database, work);
    } catch (error) {
      if (!isAway(error) || tries >= mostTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs * tries));
    }
  }
}

/** What made a job stop: an error of ours, or of the database as ours; anything else is a fault of the program and stays. */
export function jobError(error: unknown, { database, jobId }: Omit<Lease, "fence">): unknown {
  if (hasRaised(error, "WR042")) return takenError(jobId, error);
  return driverError(error, `run job ${jobId}`, database.name);
}

function takenError(jobId: number, cause?: unknown): CowriedbError {
  return new CowriedbError("jobs.taken", `Another worker is at job ${jobId}.`, {
    hint: `Run: cowriedb jobs show ${jobId}; it can be taken over once its worker has been silent for the seconds of the setting job_lease_seconds.`,
    exitCode: exitCodes.busy,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Notes why a job is given up, unless another worker has taken it over. */
export async function failJob({ database, jobId, fence }: Lease, error: unknown): Promise<void> {
  const code = error instanceof CowriedbError ? error.code : "internal";
  try {
    const told = { job_id: jobId, fence, error: `${code}: ${messageOf(error)}` };
    await inTurn(database, async () => none(database, jobsFail, told));
  } catch {
    // The store is away; the job stays as it was, and its lease ends by itself.
  }
}

/** Does the work of a job; where it fails, the job is given up, and what is thrown is what `jobError` makes of it. */
export async function failing<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const told = jobError(error, lease);
    await failJob(lease, told);
    throw told;
  }
}

/** Lets a job go, so that the next worker need not wait; harmless where another has it already. */
export async function releaseJob({ database, jobId, fence }: Lease): Promise<void> {
  try {
    await inTurn(database, async () => none(database, jobsRelease, { job_id: jobId, fence }));
  } catch {
    // As above: the lease ends by itself.
  }
}
