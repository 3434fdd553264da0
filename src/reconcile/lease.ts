import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { workerName } from "../actor.ts";
import type { Database } from "../db/database.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import {
  reconcileAbandon,
  reconcileBeginRun,
  reconcileRelease,
  reconcileResume,
  reconcileRunning,
  type ReconcileRunningRow,
} from "../sql/generated.ts";
import { maybe, none, one } from "../sql/run.ts";
import { visible } from "../term.ts";
import type { Mode } from "./run.ts";

/** What a run is begun with. */
export interface Beginning {
  mode: Mode;
  toolVersion: string;
  schemaVersion: string;
  actor: string;
}

/**
 * Begins a run, or takes up the one that was stopped or killed. Throws `reconcile.busy` (75) while another run is under
 * way: one whose heart has beaten in the last 90 seconds, and whose process is not known to be gone.
 */
export async function takeLease(
  database: Database,
  beginning: Beginning,
): Promise<{ runId: number; worker: string; isResumed: boolean }> {
  const worker = `${workerName()}:${randomUUID()}`;
  const { mode, actor } = beginning;
  const versions = { tool_version: beginning.toolVersion, schema_version: beginning.schemaVersion };
  try {
    return await inWriting(database, async (writing) => {
      const running = await maybe(writing, reconcileRunning, {});
      if (running !== undefined) {
        if (running.is_stale === 0 && !isGone(running.worker)) throw busy(running);
        await maybe(writing, reconcileRelease, { run_id: running.run_id, worker: running.worker });
      }
      const resumed = await maybe(writing, reconcileResume, { mode, actor, worker, ...versions });
      if (resumed !== undefined) return { runId: resumed.run_id, worker, isResumed: true };
      await none(writing, reconcileAbandon, { mode });
      const { run_id: runId } = await one(writing, reconcileBeginRun, { mode, actor, worker, ...versions });
      return { runId, worker, isResumed: false };
    });
  } catch (error) {
    // Two began at once: the index on the state let one of them in.
    if (/uq_reconcile_runs_running/.test(messageOf(error))) throw busy(undefined);
    throw error;
  }
}

/** Throws `reconcile.busy` while a reconciliation is under way. */
export async function refuseWhileRunning(database: Database): Promise<void> {
  const running = await maybe(database, reconcileRunning, {});
  if (running !== undefined && running.is_stale === 0 && !isGone(running.worker)) throw busy(running);
}

/** Whether a process of this machine has ended. Of other machines only the heart is known. */
function isGone(worker: string): boolean {
  const [host, pid] = worker.split(":");
  if (host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function busy(running: ReconcileRunningRow | undefined): CowriedbError {
  const who =
    running === undefined ? "" : ` (${visible(running.actor)}, last heard of at ${running.heartbeat_at})`;
  return new CowriedbError("reconcile.busy", `Another reconciliation is under way${who}.`, {
    hint: "Wait until it ends, then run the same command again.",
    exitCode: exitCodes.busy,
  });
}

/** Another worker has taken the run: this one must not write any more. */
export function lostLease(): CowriedbError {
  return new CowriedbError("reconcile.busy", "Another process has taken this reconciliation over.", {
    hint: "Wait until it ends. Its heart did not beat for 90 seconds here: was the machine asleep?",
    exitCode: exitCodes.busy,
  });
}
