import type { Database } from "../db/database.ts";
import { visible } from "../term.ts";
import { driverError } from "../db/database-error.ts";
import { inTurn } from "../db/hand-over.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import {
  jobsFailures,
  jobsList,
  jobsOne,
  jobsOpen,
  jobsOpenOfMode,
  jobsSetState,
  jobsSummaryOf,
  reconcileHasEvents,
  type JobsFailuresRow,
  type JobsOneRow,
  type JobsOpenParameters,
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

/** Instants outside of which no event can be; the second is none that an event can have. */
export const firstInstant = "0001-01-01T00:00:00.000000Z";
export const lastInstant = "9999-12-31T24:00:00.000000Z";

/** The times of a scope, where it has none those that hold every session. */
export function timesOf(scope: Pick<Scope, "from" | "to">): { from_at: string; to_at: string } {
  return { from_at: scope.from ?? firstInstant, to_at: scope.to ?? lastInstant };
}

/** Throws `jobs.no_session` where neither an event nor a summary has the id. */
export async function checkSession(database: Database, session: string): Promise<void> {
  const asked = { session_id: session };
  if (session !== "") {
    if ((await one(database, reconcileHasEvents, asked)).has_events === 1) return;
    if ((await maybe(database, jobsSummaryOf, asked)) !== undefined) return;
  }
  throw new CowriedbError("jobs.no_session", `There is no session ${visible(session)}.`, {
    hint: "Session ids are those of Cowrie, as a1b2c3d4e5f6.",
    exitCode: exitCodes.usage,
  });
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
  return opened(database, "", {
    ...{ kind, from_at: scope.from, to_at: scope.to, session_id: scope.session },
    ...{ batch_size: how.batchSize, actor: how.actor, params: null, first_cursor: null, last_cursor: null },
  });
}

/** Begins a job of a kind that has modes, with steps from `first` to `last`, or finds the one of its mode that is open. */
export async function openModeJob(
  database: Database,
  kind: string,
  how: {
    params: { mode: string; repair?: boolean; run?: number; database?: string };
    first: number;
    last: number;
    actor: string;
  },
): Promise<Job> {
  return opened(database, how.params.mode, {
    ...{ kind, from_at: null, to_at: null, session_id: null, batch_size: 1, actor: how.actor },
    ...{ params: JSON.stringify(how.params), first_cursor: how.first, last_cursor: how.last },
  });
}

async function opened(
  database: Database,
  mode: string,
  asked: JobsOpenParameters & { kind: string },
): Promise<Job> {
  return openedAs(database, { kind: asked.kind, mode }, async () => one(database, jobsOpen, asked));
}

/** The open job of a kind and a mode, once `open` has begun it or found it. */
export async function openedAs(
  database: Database,
  { kind, mode }: { kind: string; mode: string },
  open: () => Promise<unknown>,
): Promise<Job> {
  try {
    await inTurn(database, open);
  } catch (error) {
    throw driverError(error, `begin a job of kind ${kind}`, database.name);
  }
  const job = await maybe(database, jobsOpenOfMode, { kind, mode });
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
