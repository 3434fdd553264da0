import type { Database } from "../db/database.ts";
import { hasRaised, isOfTheData } from "../db/database-error.ts";
import { letWaiterIn } from "../db/hand-over.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import {
  auditClearContext,
  auditSetContext,
  reconcileUndoPage,
  reconcileUndoRepair,
  reconcileUndoScope,
} from "../sql/generated.ts";
import { many, maybe, none, one } from "../sql/run.ts";
import { refuseWhileRunning } from "./lease.ts";
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
}

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
  const left = { left: Number(changed), left_first: [] };
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
 * since is left. Stopped or killed, it goes on when it is run again. Throws `reconcile.busy` beside a reconciliation.
 */
export async function undoRepairsOf(
  database: Database,
  runId: number,
  actor: string,
): Promise<UndoneRepairs> {
  const plan = await planUndoRepairs(database, runId);
  await refuseWhileRunning(database);
  const result: UndoneRepairs = { ...plan, dry_run: false, undone: 0, left: 0, left_first: [] };
  const leave = (session: string, error: string): void => {
    result.left += 1;
    if (result.left_first.length < shownLeft) result.left_first.push({ session_id: session, error });
  };
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const rows = await many(database, reconcileUndoPage, {
      ...{ run_id: runId, before, row_limit: repairsOfPage },
    });
    for (const { repair_id, session_id: session, is_changed: isChanged } of rows) {
      if (isChanged === 1) leave(session, changedSince);
      else if (await undone(database, repair_id, actor, (error) => leave(session, error))) result.undone += 1;
      before = repair_id;
    }
    if (rows.length < repairsOfPage) return result;
  }
}

async function undone(
  database: Database,
  repair_id: number,
  actor: string,
  leave: (error: string) => void,
): Promise<boolean> {
  try {
    await inWriting(database, async (writing) => {
      await one(writing, auditSetContext, { actor, command: "reconcile undo" });
      await none(writing, reconcileUndoRepair, { repair_id });
      await none(writing, auditClearContext, {});
    });
    return true;
  } catch (error) {
    if (!isOfTheData(error)) throw error;
    leave(hasRaised(error, "WR053") ? changedSince : messageOf(error));
    return false;
  } finally {
    if (database.dialect === "sqlite") await letWaiterIn(database);
  }
}
