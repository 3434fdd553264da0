import type { Database } from "../db/database.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import {
  reconcileCloseFindingsOfRange,
  reconcileCloseFindingsOfStore,
  reconcileNoteFinding,
  reconcileNoteLedger,
  reconcileStageBucket,
} from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import type { Ahead } from "./ahead.ts";
import type { Finding } from "./differences.ts";
import { proveLedger } from "./ledger.ts";
import { noCounts, noteStep, refresh } from "./notes.ts";
import { quickStep } from "./quick.ts";
import type { RangeProof } from "./range.ts";
import { certificateFindings } from "./certificate.ts";
import { ledgerStep, type Run } from "./run.ts";

/** Does the next step of a run: reads in a snapshot or two, then notes in one short transaction. Gives whether one is left. */
export async function step(database: Database, run: Run, ahead: Ahead): Promise<boolean> {
  const began = performance.now();
  const busyMs = (): number => Math.round(performance.now() - began);
  if (run.mode === "quick") return quickStep(database, run, busyMs);
  const number = run.row.next_step;
  if (number > ledgerStep) return false;
  if (number === ledgerStep) {
    // What the readers remember and what the ledger does need not fit into memory at once.
    await ahead.close();
    await ledgerOf(database, run, busyMs);
  } else await rangeOf(database, run, { number, ahead, busyMs });
  return run.row.next_step <= ledgerStep;
}

async function rangeOf(
  database: Database,
  run: Run,
  { number, ahead, busyMs }: { number: number; ahead: Ahead; busyMs: () => number },
): Promise<void> {
  let proof: RangeProof;
  try {
    proof = await ahead.prove(number);
  } catch (error) {
    if (isFatal(error)) throw error;
    await noteUnproved(database, run, number, messageOf(error), busyMs());
    return;
  }
  const { range, findings, buckets, counts, snapshotMs } = proof;
  const run_id = run.row.run_id;
  await inWriting(database, async (writing) => {
    for (const finding of findings) await none(writing, reconcileNoteFinding, { ...finding, run_id });
    await none(writing, reconcileCloseFindingsOfRange, { ...range, run_id, mode: run.mode });
    for (const bucket of buckets)
      await none(writing, reconcileStageBucket, { ...bucket, run_id, range_number: number });
    await noteStep(writing, run, { ...counts, next_step: number + 1, snapshot_ms: snapshotMs }, busyMs());
  });
  await refresh(database, run);
}

async function ledgerOf(database: Database, run: Run, busyMs: () => number): Promise<void> {
  const { ledger, findings, isCounted, snapshotMs } = await proveLedger(database, run.mode === "full");
  const certificates = await certificateFindings(database);
  const run_id = run.row.run_id;
  await inWriting(database, async (writing) => {
    for (const finding of [...findings, ...certificates])
      await none(writing, reconcileNoteFinding, { ...finding, run_id });
    await none(writing, reconcileCloseFindingsOfStore, {
      ...{ run_id, mode: run.mode },
      batches_counted: isCounted ? 1 : 0,
    });
    await none(writing, reconcileNoteLedger, { ...ledger, run_id });
    await noteStep(
      writing,
      run,
      { ...noCounts, next_step: ledgerStep + 1, snapshot_ms: snapshotMs },
      busyMs(),
    );
  });
  await refresh(database, run);
}

/** A range that cannot be read is said to be so, and the next is tried. */
async function noteUnproved(
  database: Database,
  run: Run,
  number: number,
  why: string,
  ms: number,
): Promise<void> {
  const finding: Finding = {
    ...{ class: "unproved", table_name: "reconcile_ranges", session_id: "", column_name: "" },
    ...{ item: `range ${number}`, stored: why.slice(0, 200), expected: null },
  };
  await inWriting(database, async (writing) => {
    await none(writing, reconcileNoteFinding, { ...finding, run_id: run.row.run_id });
    await noteStep(writing, run, { ...noCounts, next_step: number + 1 }, ms);
  });
  await refresh(database, run);
}

/** Without its store no range can be read. */
function isFatal(error: unknown): boolean {
  if (error instanceof CowriedbError) return error.code !== "db.row_count";
  const { code } = error as { code?: unknown };
  return (
    (typeof code === "string" && /^(CONNECTION_|ECONN|EPIPE|57P0)/.test(code)) || error instanceof TypeError
  );
}
