import type { Database } from "../db/database.ts";
import { hasRaised, isOfTheData } from "../db/database-error.ts";
import { letWaiterIn } from "../db/hand-over.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import { endJob, failing, isHeld, mayGoOn, releaseJob, type Lease } from "../jobs/lease.ts";
import {
  auditClearContext,
  auditSetContext,
  reconcileUndoPage,
  reconcileUndoRepair,
  reconcileUndoScope,
} from "../sql/generated.ts";
import { many, maybe, none, one } from "../sql/run.ts";
import { advanceRun, takeUndo } from "./lease.ts";
import type { FailedSession } from "./repair.ts";

/** What an undo of the repairs of a run came to, or would come to. */
export interface UndoneRepairs {
  run_id: number;
  dry_run: boolean;
  /** Repairs of the run, those that were undone before counted. */
  repairs: number;
  undone_before: number;
  undone: number;
  /** Sessions that were left as they are, for they have changed since, or cannot be put back. */
  left: number;
  left_first: FailedSession[];
  /** The job that did it; null before. */
  job_id: number | null;
  /** Whether a signal came in between, or it was cancelled. */
  is_stopped: boolean;
}

const phase = "undoing";
const repairsOfPage = 100;
const shownLeft = 10;
const changedSince = "has changed since its repair";

/** What an undo would come to. Throws `reconcile.no_repairs` where the run has repaired nothing. */
export async function planUndoRepairs(database: Database, runId: number): Promise<UndoneRepairs> {
  const scope = await maybe(database, reconcileUndoScope, { run_id: runId });
  if (scope === undefined || scope.repairs === 0)
    throw new CowriedbError("reconcile.no_repairs", `Run ${runId} has repaired nothing.`, {
      hint: "The numbers are those that reconcile --repair shows; they are in the table repairs.",
      exitCode: exitCodes.usage,
    });
  const { repairs, undone, changed } = scope;
  const left = { left: Number(changed), left_first: [], job_id: null, is_stopped: false };
  return {
    run_id: runId,
    dry_run: true,
    repairs,
    undone_before: undone,
    ...left,
    undone: repairs - undone - left.left,
  };
}

/**
 * Puts back what the repairs of a run have replaced, newest first, a short transaction at a time; a session that changed
 * since is left. Paused, it waits; stopped or killed, it goes on when it is run again. Throws `reconcile.busy` beside a
 * reconciliation or another undo.
 */
export async function undoRepairsOf(
  database: Database,
  runId: number,
  actor: string,
  stop?: { readonly requested: boolean },
): Promise<UndoneRepairs> {
  const plan = await planUndoRepairs(database, runId);
  const repairs = plan.repairs - plan.undone_before;
  const lease = await takeUndo(database, runId, { repairs, actor });
  const result: UndoneRepairs = {
    ...{ ...plan, dry_run: false, undone: 0, left: 0, left_first: [], job_id: lease.jobId },
  };
  const undo = { lease, actor, result, before: Number.MAX_SAFE_INTEGER, at: lease.last - repairs };
  try {
    return await failing(lease, async () => {
      for (let isOver = false; !isOver && !result.is_stopped;) {
        if (await mayGoOn(lease, stop)) isOver = await pageOf(undo, stop);
        else result.is_stopped = true;
      }
      return result;
    });
  } finally {
    await releaseJob(lease);
  }
}

/** An undo under way. */
interface Undo {
  lease: Lease & { last: number };
  actor: string;
  result: UndoneRepairs;
  /** Repairs from this one on are looked at. */
  before: number;
  /** How many of those that the job began with are behind it. */
  at: number;
}

/** Puts back a page of repairs; gives whether it was the last one. Ends early where it is paused, cancelled or stopped. */
async function pageOf(undo: Undo, stop: { readonly requested: boolean } | undefined): Promise<boolean> {
  const { lease, result } = undo;
  const rows = await many(lease.database, reconcileUndoPage, {
    ...{ run_id: result.run_id, before: undo.before, row_limit: repairsOfPage },
  });
  try {
    for (const { repair_id, session_id: session, is_changed: isChanged } of rows) {
      if (stop?.requested === true) return false;
      const error = isChanged === 1 ? changedSince : await undone(undo, repair_id);
      if (error === undefined) result.undone += 1;
      else {
        result.left += 1;
        if (result.left_first.length < shownLeft) result.left_first.push({ session_id: session, error });
      }
      undo.before = repair_id;
      undo.at += 1;
    }
    if (rows.length === repairsOfPage) return false;
    await inWriting(lease.database, async (writing) => {
      await advanceRun(writing, lease, phase, lease.last);
      await endJob(writing, lease, result.left > 0 ? "needs_attention" : "done");
    });
    return true;
  } catch (error) {
    if (!isHeld(error)) throw error;
    return false;
  }
}

/** Puts one repair back; gives why not, where it is left. */
async function undone({ lease, actor, at }: Undo, repair_id: number): Promise<string | undefined> {
  const { database } = lease;
  try {
    await inWriting(database, async (writing) => {
      await advanceRun(writing, lease, phase, at + 1);
      await one(writing, auditSetContext, { actor, command: "reconcile undo" });
      await none(writing, reconcileUndoRepair, { repair_id });
      await none(writing, auditClearContext, {});
    });
    return undefined;
  } catch (error) {
    if (!isOfTheData(error)) throw error;
    return hasRaised(error, "WR053") ? changedSince : messageOf(error);
  } finally {
    if (database.dialect === "sqlite") await letWaiterIn(database);
  }
}
