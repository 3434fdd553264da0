import type { Database } from "../db/database.ts";
import { inRangeSnapshot, inSnapshot } from "../db/snapshot.ts";
import { inWriting } from "../db/writing.ts";
import { mayGoOn } from "../jobs/lease.ts";
import {
  reconcileCloseRepaired,
  reconcileLedger,
  reconcileNoteFinding,
  reconcileNoteLedger,
  reconcileNoteRepairedSums,
  reconcilePendingDaysOfRange,
  reconcileRepairedRanges,
  reconcileStageBucket,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { confirm, differencesOf } from "./differences.ts";
import { noCounts, noteStep, refresh } from "./notes.ts";
import { proveRange } from "./range.ts";
import { page, type RepairOptions } from "./repair-list.ts";
import type { Run } from "./run.ts";

/**
 * The second pass: counts the sessions that were to be repaired from their events again, with the code that knows nothing of
 * the repair, closes the findings of those that are right, and proves their buckets. False where a signal came in between.
 */
export async function proveAgain(
  database: Database,
  run: Run,
  isAll: boolean,
  options: RepairOptions,
): Promise<boolean> {
  let after: string | undefined;
  for (;;) {
    if (!(await mayGoOn(run.lease, options.stop))) return false;
    const rows = await page(database, run, after);
    after = rows.at(-1)?.session_id;
    if (after === undefined) break;
    const sessions = rows.filter((row) => isAll || row.is_repaired === 1).map((row) => row.session_id);
    if (sessions.length > 0) await proveSessions(database, run, sessions);
    await new Promise(setImmediate);
  }
  await refresh(database, run);
  return run.mode === "quick" || proveBuckets(database, run, options);
}

async function proveSessions(database: Database, run: Run, sessions: readonly string[]): Promise<void> {
  const began = performance.now();
  const found = await inRangeSnapshot(database, async (snapshot) => differencesOf(snapshot, sessions));
  const { findings } = await confirm(database, [...new Set(found.map((finding) => finding.session_id))]);
  const wrong = new Set(findings.map((finding) => finding.session_id));
  const run_id = run.row.run_id;
  await inWriting(database, async (writing) => {
    for (const finding of findings) await none(writing, reconcileNoteFinding, { ...finding, run_id });
    for (const session_id of sessions)
      if (!wrong.has(session_id)) await none(writing, reconcileCloseRepaired, { run_id, session_id });
    const busyMs = Math.round(performance.now() - began);
    await noteStep(writing, run, { ...noCounts, next_step: run.row.next_step }, busyMs);
  });
}

/** Proves the ranges with repaired sessions again, and the sums of the store. */
async function proveBuckets(database: Database, run: Run, options: RepairOptions): Promise<boolean> {
  const run_id = run.row.run_id;
  const ranges = await many(database, reconcileRepairedRanges, { run_id });
  for (const { range_number } of ranges) {
    if (!(await mayGoOn(run.lease, options.stop))) return false;
    const began = performance.now();
    const days = await many(database, reconcilePendingDaysOfRange, { run_id, range_number });
    // What the first pass has noted of them was of rows as they were before.
    const again = new Set(days.map(({ day }) => day));
    const { findings, buckets, snapshotMs } = await proveRange(database, run, range_number, again);
    await inWriting(database, async (writing) => {
      // That rows have changed though no batch says why was noted before; what changed since are the repairs.
      for (const finding of findings)
        if (finding.class !== "trigger_bypassed")
          await none(writing, reconcileNoteFinding, { ...finding, run_id });
      for (const bucket of buckets)
        await none(writing, reconcileStageBucket, { ...bucket, run_id, range_number });
      const counts = { ...noCounts, next_step: run.row.next_step, snapshot_ms: snapshotMs };
      await noteStep(writing, run, counts, Math.round(performance.now() - began));
    });
    await new Promise(setImmediate);
  }
  if (ranges.length === 0) return true;
  const ledger = await inSnapshot(database, async (snapshot) => one(snapshot, reconcileLedger, {}));
  await none(database, reconcileNoteLedger, { ...ledger, run_id });
  await none(database, reconcileNoteRepairedSums, { run_id });
  await refresh(database, run);
  return true;
}
