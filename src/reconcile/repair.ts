import type { Database } from "../db/database.ts";
import { isOfTheData } from "../db/database-error.ts";
import { letWaiterIn } from "../db/hand-over.ts";
import { inWriting } from "../db/writing.ts";
import { messageOf } from "../errors.ts";
import { mayGoOn } from "../jobs/lease.ts";
import {
  auditClearContext,
  auditSetContext,
  reconcileRepairCounts,
  reconcileRepairScope,
  reconcileRepairSession,
} from "../sql/generated.ts";
import { none, one } from "../sql/run.ts";
import { noCounts, noteStep, refresh } from "./notes.ts";
import { page, sessionsOfPage, type RepairOptions } from "./repair-list.ts";
import { proveAgain } from "./reverify.ts";
import type { Run } from "./run.ts";

/** A session that a repair has not made right, and why. */
export interface FailedSession {
  session_id: string;
  error: string;
}

/** What the repairs of a run came to. */
export interface Repair {
  /** Sessions whose repair was tried. */
  attempted: number;
  /** Sessions that were repaired, before a stop too. */
  applied: number;
  /** Sessions that were left alone because they are more than may be repaired. */
  refused: number;
  /** Sessions that still differ though a repair was tried. */
  failed: number;
  /** Sessions that a second pass, with other code and in another snapshot, has found to be right. */
  reverified: number;
  /** How many sessions might have been repaired; null where no repair was asked for. */
  most: number | null;
  failed_first: FailedSession[];
}

/** Repairs that nobody asked for. */
export const noRepair: Repair = {
  ...{ attempted: 0, applied: 0, refused: 0, failed: 0, reverified: 0 },
  ...{ most: null, failed_first: [] },
};

/** Whatever their share, so many sessions may be repaired. */
const alwaysAllowed = 10;
/** One transaction repairs sessions for about so long: a load waits for it. */
const batchMs = 100;
const shownFailures = 10;

/**
 * Repairs what a run has found, where that was asked for and is not too much, and proves it again; undefined where a signal
 * came in between. What an earlier process has repaired for the same run is proved too.
 */
export async function repair(
  database: Database,
  run: Run,
  options: RepairOptions,
): Promise<Repair | undefined> {
  const run_id = run.row.run_id;
  const isAsked = options.repair === true;
  let most: number | null = null;
  const errors = new Map<string, string>();
  if (isAsked) {
    const scope = await one(database, reconcileRepairScope, { run_id });
    most = options.maxRepair ?? allowed(scope);
    if (scope.to_repair > most) return { ...noRepair, most, refused: scope.to_repair };
    if (!(await repairAll(database, run, errors, options))) return undefined;
  }
  if (!(await proveAgain(database, run, isAsked, options))) return undefined;
  const { applied, reverified, still_open: open } = await one(database, reconcileRepairCounts, { run_id });
  if (!isAsked) return applied === 0 ? noRepair : { ...noRepair, attempted: applied, applied, reverified };
  const failed_first: FailedSession[] = [];
  for (const { session_id, is_repaired: isRepaired } of await page(database, run, undefined)) {
    if (failed_first.length === shownFailures) break;
    const why = isRepaired === 1 ? "still differs after its repair" : "differs again";
    failed_first.push({ session_id, error: errors.get(session_id) ?? why });
  }
  return { attempted: reverified + open, applied, refused: 0, failed: open, reverified, most, failed_first };
}

/** A share of the sessions or a number, what is less; a handful always. */
function allowed(scope: { sessions: number; percent: number; most: number }): number {
  return Math.max(alwaysAllowed, Math.min(scope.most, Math.floor((scope.sessions * scope.percent) / 100)));
}

/** Repairs session after session; false where a signal came in between. */
async function repairAll(
  database: Database,
  run: Run,
  errors: Map<string, string>,
  options: RepairOptions,
): Promise<boolean> {
  let after: string | undefined;
  for (;;) {
    const rows = await page(database, run, after);
    const sessions = rows.filter((row) => row.is_repaired === 0).map((row) => row.session_id);
    while (sessions.length > 0) {
      if (!(await mayGoOn(run.lease, options.stop))) return false;
      await batch(database, run, sessions, errors);
      if (database.dialect === "sqlite") await letWaiterIn(database);
      await new Promise(setImmediate);
    }
    after = rows.at(-1)?.session_id;
    if (after === undefined || rows.length < sessionsOfPage) break;
  }
  await refresh(database, run);
  return true;
}

/** Repairs the first of `sessions` and takes them away; one that fails is tried alone, and left out. */
async function batch(
  database: Database,
  run: Run,
  sessions: string[],
  errors: Map<string, string>,
): Promise<void> {
  let done = 0;
  try {
    await inWriting(database, async (writing) => {
      done = await repairSome(writing, run, sessions);
    });
    sessions.splice(0, done);
    return;
  } catch (error) {
    if (!isOfTheData(error)) throw error;
  }
  // All before the one that failed was taken back: each of the batch by itself.
  for (const session of sessions.splice(0, sessionsOfPage)) {
    try {
      await inWriting(database, async (writing) => repairSome(writing, run, [session]));
    } catch (error) {
      if (!isOfTheData(error)) throw error;
      errors.set(session, messageOf(error));
    }
    if (database.dialect === "sqlite") await letWaiterIn(database);
  }
}

/** Repairs sessions for about as long as a transaction may take; gives how many. */
async function repairSome(writing: Database, run: Run, sessions: readonly string[]): Promise<number> {
  const began = performance.now();
  const { run_id, actor } = run.row;
  await one(writing, auditSetContext, { actor, command: "reconcile --repair" });
  let done = 0;
  for (const session_id of sessions) {
    await none(writing, reconcileRepairSession, { run_id, session_id });
    done += 1;
    if (performance.now() - began > batchMs) break;
  }
  await none(writing, auditClearContext, {});
  // The transaction ends here where another process has the run.
  await noteStep(
    writing,
    run,
    { ...noCounts, next_step: run.row.next_step },
    Math.round(performance.now() - began),
  );
  return done;
}
