import type { Database } from "../db/database.ts";
import { databaseError } from "../db/database-error.ts";
import { inTurn } from "../db/hand-over.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import {
  jobsFailures,
  jobsList,
  jobsOne,
  jobsOpen,
  jobsOpenOfKind,
  jobsSetState,
  type JobsFailuresRow,
  type JobsOneRow,
} from "../sql/generated.ts";
import { many, maybe, one } from "../sql/run.ts";

/** A row of `jobs`. */
export type Job = JobsOneRow;

/** A session that a job left out. */
export type JobFailure = JobsFailuresRow;

/** Which sessions a job works on; null where it does not matter. */
export interface Scope {
  /** First event at or after this instant, in the form that is stored. */
  from: string | null;
  /** First event before this instant. */
  to: string | null;
  session: string | null;
}

/** A job by its number. Throws `jobs.not_found`. */
export async function jobOf(database: Database, jobId: number): Promise<Job> {
  const job = await maybe(database, jobsOne, { job_id: jobId });
  if (job === undefined)
    throw new CowriedbError("jobs.not_found", `There is no job ${jobId}.`, {
      hint: "Run: cowriedb jobs list",
    });
  return job;
}

/** The newest jobs, at most `limit`. */
export async function listJobs(database: Database, limit: number): Promise<Job[]> {
  return many(database, jobsList, { row_limit: limit });
}

/** The first sessions that a job left out, and why. */
export async function failuresOf(database: Database, jobId: number, limit: number): Promise<JobFailure[]> {
  return many(database, jobsFailures, { job_id: jobId, row_limit: limit });
}

/** Begins a job of a kind, or finds the one that is open; a batch size of null is left to the store. */
export async function openJob(
  database: Database,
  kind: string,
  scope: Scope,
  how: { batchSize: number | null; actor: string },
): Promise<Job> {
  try {
    const asked = { kind, from_at: scope.from, to_at: scope.to, session_id: scope.session };
    await inTurn(database, async () =>
      one(database, jobsOpen, { ...asked, batch_size: how.batchSize, actor: how.actor }),
    );
  } catch (error) {
    throw databaseError(error, `begin a job of kind ${kind}`, database.name);
  }
  const job = await maybe(database, jobsOpenOfKind, { kind });
  if (job === undefined)
    throw new CowriedbError("jobs.ended", `The job of kind ${kind} has just ended.`, {
      hint: "Run the same command again.",
      exitCode: exitCodes.busy,
    });
  return job;
}

/**
 * Pauses, resumes or cancels a job that is open; its worker obeys within one batch. Throws `jobs.not_found`, and
 * `jobs.ended` where it has ended.
 */
export async function setJobState(
  database: Database,
  jobId: number,
  state: "paused" | "running" | "cancelled",
): Promise<Job> {
  await jobOf(database, jobId);
  const changed = await inTurn(database, async () =>
    maybe(database, jobsSetState, { job_id: jobId, state, error: null }),
  );
  if (changed === undefined)
    throw new CowriedbError("jobs.ended", `Job ${jobId} has ended; it does not change any more.`, {
      hint: "Run: cowriedb jobs list",
    });
  return jobOf(database, jobId);
}
