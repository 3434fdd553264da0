import type { Database } from "../db/database.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { openModeJob } from "../jobs/jobs.ts";
import { advance, takeLease, workerOfKind, type Lease, type WorkerAtJob } from "../jobs/lease.ts";
import {
  reconcileAbandon,
  reconcileBeginRun,
  reconcilePositions,
  reconcileRunOfJob,
} from "../sql/generated.ts";
import { maybe, none, one } from "../sql/run.ts";
import { visible } from "../term.ts";
import { ledgerStep, type Mode } from "./run.ts";

/** What a run is begun with. */
export interface Beginning {
  mode: Mode;
  repair?: boolean;
  toolVersion: string;
  schemaVersion: string;
  actor: string;
}

/** A run whose job this program has taken. */
export interface TakenRun extends Lease {
  runId: number;
  mode: Mode;
  isResumed: boolean;
}

/** All that must not be under way twice: runs of every mode, and undos of what they repaired. */
const kind = "reconcile";

/**
 * Begins a run, or takes up the one of the same words that was stopped or killed; `releaseJob` lets it go. Throws
 * `reconcile.busy` (75) while another run, or an undo, is under way.
 */
export async function takeRun(database: Database, beginning: Beginning): Promise<TakenRun> {
  const { mode, actor, repair = false } = beginning;
  const versions = { tool_version: beginning.toolVersion, schema_version: beginning.schemaVersion };
  const taken = await alone(database, async (writing) => {
    await none(writing, reconcileAbandon, { mode, repair: String(repair), ...versions });
    const positions = await one(writing, reconcilePositions, { mode });
    const isQuick = mode === "quick";
    const job = await openModeJob(writing, kind, {
      ...{ params: { mode, repair }, actor },
      first: isQuick ? positions.since_position : 0,
      last: isQuick ? positions.watermark_position : ledgerStep + 1,
    });
    const lease = await takeLease(writing, job.job_id);
    const known = await maybe(writing, reconcileRunOfJob, { job_id: job.job_id });
    const begun = { job_id: job.job_id, mode, actor, ...versions, ...positions };
    const { run_id: runId } = known ?? (await one(writing, reconcileBeginRun, begun));
    return { ...lease, runId, isResumed: known !== undefined };
  });
  return { ...taken, database, mode };
}

/** Takes the lease for an undo of the repairs of a run, as `takeRun` does. */
export async function takeUndo(
  database: Database,
  run: number,
  how: { repairs: number; actor: string },
): Promise<Lease & { last: number }> {
  const taken = await alone(database, async (writing) => {
    const job = await openModeJob(writing, kind, {
      ...{ params: { mode: "undo", run }, actor: how.actor },
      ...{ first: 0, last: how.repairs },
    });
    return { ...(await takeLease(writing, job.job_id)), last: job.last_cursor };
  });
  return { ...taken, database };
}

/** Runs `work` in one transaction that takes a job, where nobody is at one. */
async function alone<T>(database: Database, work: (writing: Database) => Promise<T>): Promise<T> {
  try {
    return await inWriting(database, async (writing) => {
      const worker = await workerOfKind(writing, kind);
      if (worker !== undefined) throw busy(worker);
      return work(writing);
    });
  } catch (error) {
    // Two began at once: taking a job let one of them in.
    if (isTaken(error)) throw busy(undefined);
    throw error;
  }
}

/** Notes that the steps up to one are done; the transaction ends here where another worker has the job, or nobody may. */
export async function advanceRun(
  writing: Database,
  lease: Lease,
  phase: string,
  upTo: number,
): Promise<void> {
  try {
    await advance(writing, lease, phase, upTo);
  } catch (error) {
    throw isTaken(error) ? lostLease(error) : error;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof CowriedbError && error.code === "jobs.taken";
}

function busy(worker: WorkerAtJob | undefined): CowriedbError {
  const who =
    worker === undefined
      ? ""
      : ` (job ${worker.job_id} of ${visible(worker.actor)}, last heard of at ${worker.heartbeat_at})`;
  return new CowriedbError("reconcile.busy", `Another reconciliation is under way${who}.`, {
    hint: "Wait until it ends, then run the same command again.",
    exitCode: exitCodes.busy,
  });
}

function lostLease(cause: unknown): CowriedbError {
  return new CowriedbError("reconcile.busy", "Another process has taken this reconciliation over.", {
    hint: "Wait until it ends. Nothing was heard of this one for the seconds of the setting job_lease_seconds: was the machine asleep?",
    exitCode: exitCodes.busy,
    cause,
  });
}
