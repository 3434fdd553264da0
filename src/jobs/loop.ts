import type { Database } from "../db/database.ts";
import { hasRaised, isOfTheData } from "../db/database-error.ts";
import { messageOf } from "../errors.ts";
import {
  jobsAdvance,
  jobsBeat,
  jobsNoteBatchSize,
  jobsRunBatch,
  jobsSetting,
  jobsSkipSession,
} from "../sql/generated.ts";
import { none, one } from "../sql/run.ts";
import { jobBatch, jobRun } from "../telemetry/measured.ts";
import { jobOf, type Job } from "./jobs.ts";
import { failing, patiently, releaseJob, restPaused, takeLease, workerOfKind, type Lease } from "./lease.ts";
import { startScouts, type Scouts } from "./scouts.ts";
import { servoOf, type Servo } from "./servo.ts";
import { turnsOf, type Turns } from "./turns.ts";

/** How to run a job. */
export interface LoopOptions {
  /** The batch size that the operator asks for; else it follows from the time that batches take. */
  batchSize: number | null;
  stop: { readonly requested: boolean };
  /** Ends after so many batches; the job stays open. */
  maxBatches?: number;
  onProgress?: (job: Job) => void;
}

/** A target is read again after so many batches, for an operator may change it. */
const settingsEvery = 5;

/** A worker at its job. */
export interface TakenJob extends Lease {
  kind: string;
  servo: Servo;
  turns: Turns;
  scouts: Scouts | undefined;
  targetMs: number;
  options: LoopOptions;
  batches: number;
}

/**
 * Takes an open job and runs it, see `takeJob` and `runTaken`. Throws what they throw.
 */
export async function runJob(database: Database, opened: Job, options: LoopOptions): Promise<Job> {
  const taken = await takeJob(database, opened, options);
  try {
    return await runTaken(taken, options.onProgress);
  } finally {
    await releaseJob(taken);
  }
}

/**
 * Makes this program the worker of an open job; `releaseJob` lets it go. Throws `jobs.taken` (exit code 75) while another
 * worker is at it.
 */
export async function takeJob(database: Database, opened: Job, options: LoopOptions): Promise<TakenJob> {
  const { job_id: jobId, kind } = opened;
  await workerOfKind(database, kind);
  const { fence } = await takeLease(database, jobId);
  const turns = turnsOf(database, !isRebuild(kind));
  const run = { database, kind, jobId, fence, options, turns, batches: 0, targetMs: 0, scouts: undefined };
  await readTarget(run);
  const servo = servoOf(options.batchSize ?? opened.batch_size, options.batchSize !== null, () =>
    turns.target(run.targetMs),
  );
  return Object.assign(run, { servo });
}

/**
 * Runs a job until it ends, is cancelled, or a stop is asked for; gives the job as it is once it is let go. Paused, it
 * waits. A batch that fails is halved until the session stands alone that makes it fail; that one is noted and left out.
 *
 * Throws `jobs.taken` once another worker has taken the job over, and what `databaseError` makes of a failure that is not one
 * of the data; the job is then `failed`, and goes on when it is run again.
 */
export async function runTaken(run: TakenJob, onProgress?: (job: Job) => void): Promise<Job> {
  const name = { kind: run.kind, id: run.jobId, dialect: run.database.dialect };
  try {
    const job = await failing(run, async () => jobRun(name, async () => batches(run, onProgress)));
    return { ...job, worker: null, heartbeat_at: null };
  } finally {
    await run.scouts?.close();
  }
}

async function readTarget(run: { database: Database; targetMs: number }): Promise<void> {
  run.targetMs = (await one(run.database, jobsSetting, { setting: "job_batch_ms" })).value;
}

async function batches(run: TakenJob, onProgress: ((job: Job) => void) | undefined): Promise<Job> {
  const { database, options, servo } = run;
  let job = await jobOf(database, run.jobId);
  let known = job.batch_size;
  for (;;) {
    onProgress?.(job);
    if (options.stop.requested || run.batches >= (options.maxBatches ?? Infinity)) return job;
    if (job.state !== "running" && job.state !== "paused") return job;
    if (job.state === "paused") {
      await restPaused(run);
    } else {
      await step(run, job);
      await run.turns.give();
      // SQLite works without a pause: signals, status files and exporters come to their turn here.
      await new Promise((resolve) => setImmediate(resolve));
    }
    job = await jobOf(database, run.jobId);
    if (job.batch_size !== known) servo.fix(job.batch_size);
    else if (options.batchSize === null && !servo.isSearching && Math.abs(servo.size / known - 1) > 0.2) {
      const noted = { job_id: run.jobId, fence: run.fence, batch_size: servo.size, known_size: known };
      await patiently(database, async () => none(database, jobsNoteBatchSize, noted));
      job = { ...job, batch_size: servo.size };
    }
    known = job.batch_size;
    run.batches += 1;
    if (run.batches % settingsEvery === 0) await readTarget(run);
  }
}

/** Whether readers can look ahead: what a rebuild has to write is little or nothing. */
function isRebuild(kind: string): boolean {
  return kind.startsWith("rebuild_");
}

/** One batch, or none where others have looked ahead and found nothing to do. */
async function step(run: TakenJob, job: Job): Promise<void> {
  const { database, jobId, fence } = run;
  // An operator who sets the batch size wants batches of that size.
  if (run.options.batchSize === null && isRebuild(run.kind)) run.scouts ??= await startScouts(database, job);
  const right = await run.scouts?.next(job);
  if (right === "busy") {
    await patiently(database, async () => none(database, jobsBeat, { job_id: jobId, fence }));
    return;
  }
  if (right === undefined) {
    await batch(run, job);
    return;
  }
  try {
    await patiently(database, async () =>
      one(database, jobsAdvance, {
        job_id: jobId,
        fence,
        phase: job.phase,
        up_to_id: right.upTo,
        session_count: right.sessions,
      }),
    );
  } catch (error) {
    // Paused or cancelled a moment ago, as in a batch; or it has begun anew.
    if (!hasRaised(error, "WR040") && !hasRaised(error, "WR046")) throw error;
  }
}

/** One batch; where its data make it fail, the next one is smaller, and one of a single session is left out. */
async function batch(run: TakenJob, job: Job): Promise<void> {
  const { database, servo, jobId, fence } = run;
  const { size } = servo;
  let began = 0;
  try {
    await jobBatch({ kind: job.kind, id: jobId, dialect: database.dialect }, async () => {
      await patiently(database, async () => {
        // What a batch has waited for the others says nothing of how long it keeps them waiting.
        began = performance.now();
        await one(database, jobsRunBatch, { job_id: jobId, fence, batch_size: size });
      });
      return { rows: size };
    });
    servo.note(size, performance.now() - began);
  } catch (error) {
    // Paused or cancelled a moment ago; the job says so when it is read again.
    if (hasRaised(error, "WR040")) return;
    if (hasRaised(error, "WR042") || !isOfTheData(error)) throw error;
    servo.failed(size);
    if (size > 1) return;
    await patiently(database, async () =>
      one(database, jobsSkipSession, { job_id: jobId, fence, error: messageOf(error) }),
    );
    servo.found();
  }
}
