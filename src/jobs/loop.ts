import type { Database } from "../db/database.ts";
import { databaseError, isAway } from "../db/database-error.ts";
import { letWaiterIn } from "../db/hand-over.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import {
  jobsAdvance,
  jobsBeat,
  jobsNoteBatchSize,
  jobsRelease,
  jobsRunBatch,
  jobsSetState,
  jobsSetting,
  jobsSkipSession,
  jobsTake,
} from "../sql/generated.ts";
import { none, one } from "../sql/run.ts";
import { jobBatch, jobRun } from "../telemetry/measured.ts";
import { jobOf, workerName, type Job } from "./jobs.ts";
import { startScouts, type Scouts } from "./scouts.ts";
import { servoOf, type Servo } from "./servo.ts";

/** How to run a job. */
export interface LoopOptions {
  /** The batch size that the operator asks for; else it follows from the time that batches take. */
  batchSize: number | null;
  stop: { readonly requested: boolean };
  onProgress?: (job: Job) => void;
}

const pauseLookMs = 500;
/** How often a batch is tried again while the store is away or locked, at most. */
const mostTries = 5;
const retryMs = 300;
/** A target is read again after so many batches, for an operator may change it. */
const settingsEvery = 5;

/** A worker at its job. */
interface Run {
  database: Database;
  jobId: number;
  fence: number;
  servo: Servo;
  scouts: Scouts | undefined;
  targetMs: number;
  options: LoopOptions;
  batches: number;
}

/**
 * Runs an open job until it ends, is cancelled, or a stop is asked for; gives the job as it then is. Paused, it waits.
 * A batch that fails is halved until the session stands alone that makes it fail; that one is noted and left out.
 *
 * Throws `jobs.taken` (exit code 75) while another worker is at it, and what `databaseError` makes of a failure that is not one
 * of the data; the job is then `failed`, and goes on when it is run again.
 */
export async function runJob(database: Database, opened: Job, options: LoopOptions): Promise<Job> {
  const run = await takeJob(database, opened, options);
  const name = { kind: opened.kind, id: opened.job_id, dialect: database.dialect };
  try {
    return await jobRun(name, async () => batches(run));
  } catch (error) {
    const known = jobError(error, run);
    if (known.code !== "jobs.taken") await failJob(run, known);
    throw known;
  } finally {
    await run.scouts?.close();
    await release(run);
  }
}

async function takeJob(database: Database, opened: Job, options: LoopOptions): Promise<Run> {
  const { job_id: jobId } = opened;
  try {
    await one(database, jobsTake, { job_id: jobId, worker: workerName() });
  } catch (error) {
    throw jobError(error, { database, jobId });
  }
  const { fence } = await jobOf(database, jobId);
  const run = { database, jobId, fence, options, batches: 0, targetMs: 0, scouts: undefined };
  await readTarget(run);
  const servo = servoOf(
    options.batchSize ?? opened.batch_size,
    options.batchSize !== null,
    () => run.targetMs,
  );
  return Object.assign(run, { servo });
}

async function readTarget(run: { database: Database; targetMs: number }): Promise<void> {
  run.targetMs = (await one(run.database, jobsSetting, { setting: "job_batch_ms" })).value;
}

async function batches(run: Run): Promise<Job> {
  const { database, options, servo } = run;
  let job = await jobOf(database, run.jobId);
  let known = job.batch_size;
  for (;;) {
    options.onProgress?.(job);
    if (options.stop.requested || (job.state !== "running" && job.state !== "paused")) return job;
    if (job.state === "paused") {
      await new Promise((resolve) => setTimeout(resolve, pauseLookMs));
      await none(database, jobsBeat, { job_id: run.jobId, fence: run.fence });
    } else {
      await step(run, job);
      if (database.dialect === "sqlite") await letWaiterIn(database);
    }
    job = await jobOf(database, run.jobId);
    if (job.batch_size !== known) servo.fix(job.batch_size);
    else if (options.batchSize === null && Math.abs(servo.size / known - 1) > 0.2 && servo.size > 1) {
      await none(database, jobsNoteBatchSize, {
        job_id: run.jobId,
        fence: run.fence,
        batch_size: servo.size,
        known_size: known,
      });
      job = { ...job, batch_size: servo.size };
    }
    known = job.batch_size;
    run.batches += 1;
    if (run.batches % settingsEvery === 0) await readTarget(run);
  }
}

/** One batch, or none where others have looked ahead and found nothing to do. */
async function step(run: Run, job: Job): Promise<void> {
  const { database, jobId, fence } = run;
  run.scouts ??= await startScouts(database, job);
  const upTo = await run.scouts.next(job);
  if (upTo === undefined) {
    await batch(run, job);
    return;
  }
  try {
    await patiently(async () =>
      one(database, jobsAdvance, { job_id: jobId, fence, phase: job.phase, up_to_id: upTo }),
    );
  } catch (error) {
    // Paused or cancelled a moment ago, as in a batch.
    if (!codeAndText(error).includes("WR040")) throw error;
  }
}

/** One batch; where its data make it fail, the next one is smaller, and one of a single session is left out. */
async function batch(run: Run, job: Job): Promise<void> {
  const { database, servo, jobId, fence } = run;
  const { size } = servo;
  const began = performance.now();
  try {
    await jobBatch({ kind: job.kind, id: jobId, dialect: database.dialect }, async () => {
      await patiently(async () => one(database, jobsRunBatch, { job_id: jobId, fence, batch_size: size }));
      return { rows: size };
    });
    servo.note(size, performance.now() - began);
  } catch (error) {
    // Paused or cancelled a moment ago; the job says so when it is read again.
    if (codeAndText(error).includes("WR040")) return;
    if (codeAndText(error).includes("WR042") || !isOfTheData(error)) throw error;
    if (size > 1) servo.halve();
    else await none(database, jobsSkipSession, { job_id: jobId, fence, error: messageOf(error) });
  }
}

/** Tries again what found the store locked or away for a moment. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || tries >= mostTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs * tries));
    }
  }
}

/** Whether an error says something of the rows at hand, and not of the disk, the server or the program. */
function isOfTheData(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return /^(SQLITE_CONSTRAINT.*|SQLITE_ERROR|SQLITE_MISMATCH|SQLITE_TOOBIG|2[123].{3}|P0.{3}|54000|WR.{3})$/.test(
    code,
  );
}

function codeAndText(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return `${code} ${messageOf(error)}`;
}

function jobError(error: unknown, { database, jobId }: { database: Database; jobId: number }): CowriedbError {
  if (codeAndText(error).includes("WR042"))
    return new CowriedbError("jobs.taken", `Another worker is at job ${jobId}.`, {
      hint: `Run: cowriedb jobs show ${jobId}; it can be taken over once its worker has been silent for the seconds of the setting job_lease_seconds.`,
      exitCode: exitCodes.busy,
      cause: error,
    });
  return databaseError(error, `run job ${jobId}`, database.name);
}

async function failJob(run: Run, error: CowriedbError): Promise<void> {
  try {
    await one(run.database, jobsSetState, {
      job_id: run.jobId,
      state: "failed",
      error: `${error.code}: ${error.message}`,
    });
  } catch {
    // The store is away; the job stays as it was, and its lease ends by itself.
  }
}

async function release(run: Run): Promise<void> {
  try {
    await none(run.database, jobsRelease, { job_id: run.jobId, fence: run.fence });
  } catch {
    // As above: the lease ends by itself.
  }
}
