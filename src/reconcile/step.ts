import type { Database } from "../db/database.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import {
  reconcileCloseFindingsOfRange,
  reconcileCloseFindingsOfStore,
  reconcileNoteFinding,
  reconcileNoteLedger,
  reconcileStageBucket,
  type ReconcileRangeRow,
} from "../sql/generated.ts";
import { none } from "../sql/run.ts";
import type { Ahead } from "./ahead.ts";
import type { Finding } from "./differences.ts";
import { proveLedger } from "./ledger.ts";
import { added, noCounts, noteStep, refresh } from "./notes.ts";
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
  } else await rangesOf(database, run, ahead, busyMs);
  return run.row.next_step <= ledgerStep;
}

/** A range that was proved, or why it cannot be read. */
type Tried = { number: number; proof: RangeProof } | { number: number; why: string };

/** Small ranges are noted together: the transaction of each would take longer than its proof. */
const togetherMs = 50;
const mostTogether = 16;

async function rangesOf(database: Database, run: Run, ahead: Ahead, busyMs: () => number): Promise<void> {
  const first = run.row.next_step;
  const tried: Tried[] = [];
  do tried.push(await tryRange(ahead, first + tried.length));
  while (tried.length < Math.min(mostTogether, ledgerStep - first) && busyMs() < togetherMs);
  const counts = tried
    .map((one) => ("why" in one ? noCounts : { ...one.proof.counts, snapshot_ms: one.proof.snapshotMs }))
    .reduce(added, noCounts);
  await inWriting(database, async (writing) => {
    for (const one of tried) await noteRange(writing, run, one);
    for (const span of provedSpans(tried))
      await none(writing, reconcileCloseFindingsOfRange, { ...span, run_id: run.row.run_id, mode: run.mode });
    await noteStep(writing, run, { ...counts, next_step: first + tried.length }, busyMs());
  });
  await refresh(database, run);
}

/** A range that cannot be read is said to be so, and the next is tried. */
async function tryRange(ahead: Ahead, number: number): Promise<Tried> {
  try {
    return { number, proof: await ahead.prove(number) };
  } catch (error) {
    if (isFatal(error)) throw error;
    return { number, why: messageOf(error) };
  }
}

async function noteRange(writing: Database, run: Run, tried: Tried): Promise<void> {
  const { number } = tried;
  const run_id = run.row.run_id;
  if ("why" in tried) {
    const finding: Finding = {
      ...{ class: "unproved", table_name: "reconcile_ranges", session_id: "", column_name: "" },
      ...{ item: `range ${number}`, stored: tried.why.slice(0, 200), expected: null },
    };
    await none(writing, reconcileNoteFinding, { ...finding, run_id });
    return;
  }
  const { findings, buckets } = tried.proof;
  for (const finding of findings) await none(writing, reconcileNoteFinding, { ...finding, run_id });
  for (const bucket of buckets)
    await none(writing, reconcileStageBucket, { ...bucket, run_id, range_number: number });
}

/** The sessions of the ranges that were proved: of ranges side by side the findings are closed together. */
function provedSpans(tried: readonly Tried[]): ReconcileRangeRow[] {
  const spans: ReconcileRangeRow[] = [];
  for (const one of tried) {
    if ("why" in one) continue;
    const { from_session, before_session } = one.proof.range;
    const last = spans.at(-1);
    if (last?.before_session === from_session) last.before_session = before_session;
    else spans.push({ from_session, before_session });
  }
  return spans;
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

/** Without its store no range can be read. */
function isFatal(error: unknown): boolean {
  if (error instanceof CowriedbError) return error.code !== "db.row_count";
  const { code } = error as { code?: unknown };
  return (
    (typeof code === "string" && /^(CONNECTION_|ECONN|EPIPE|57P0)/.test(code)) || error instanceof TypeError
  );
}
