import type { Database } from "../db/database.ts";
import { makeDo } from "../db/sqlite.ts";
import { inWriting } from "../db/writing.ts";
import { exitCodes, type ExitCode } from "../errors.ts";
import { endJob, failing, isHeld, keepAlive, mayGoOn } from "../jobs/lease.ts";
import {
  reconcileBucketScope,
  reconcileFindingsByClass,
  reconcileFinishRun,
  reconcileUnattributed,
  type ReconcileFindingsByClassRow,
  type ReconcileRunRow,
  type ReconcileUnattributedRow,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { span } from "../telemetry/spans.ts";
import { readAhead } from "./ahead.ts";
import { certificateFindings, certify, type Certificate } from "./certificate.ts";
import type { TakenRun } from "./lease.ts";
import { residualOf } from "./ledger.ts";
import { factsOf, ledgerStep, type Mode, type Run } from "./run.ts";
import { noCounts, noteStep, refresh } from "./notes.ts";
import { noRepair, repair, type Repair } from "./repair.ts";
import type { RepairOptions } from "./repair-list.ts";
import { step } from "./step.ts";
import { verdict } from "./verdict.ts";

/** How far a reconciliation is. */
export interface Progress {
  done: number;
  total: number;
  events: number;
  elapsedMs: number;
  phase: string;
  state: "running" | "paused";
}

/** How to go about a run that is begun. */
export interface RunOptions extends RepairOptions {
  onProgress?: (progress: Progress) => void;
  /** Set to true by a signal: the step at hand is finished, then the run is left to be taken up. */
  stop?: { requested: boolean };
}

/** What a reconciliation came to. */
export interface Reconciled {
  run: ReconcileRunRow;
  mode: Mode;
  is_resumed: boolean;
  is_stopped: boolean;
  /** Steps that were left when a signal ended the run. */
  steps_left: number;
  classes: ReconcileFindingsByClassRow[];
  /** Events that are not where they must be; null before they are counted. */
  residual: number | null;
  unattributed: ReconcileUnattributedRow[];
  repair: Repair;
  buckets_proved: number;
  oldest_deep_proved_at: string | null;
  certificate: Certificate | null;
  exit: ExitCode;
  elapsed_ms: number;
}

/**
 * Does a run: proves derived rows from their events, a range of sessions at a time, and says what differs. Paused, it waits. Throws
 * `reconcile.busy` once another worker has taken the run over; after any other error its job is `failed`, and goes on when it
 * is run again.
 */
export async function reconcileTaken(taken: TakenRun, options: RunOptions): Promise<Reconciled> {
  const began = performance.now();
  const { database, mode } = taken;
  const rest = keepAlive(taken);
  const restore = database.dialect === "sqlite" ? makeDo(database, cacheKibibytes) : undefined;
  try {
    return await failing(taken, async () => {
      const isTrusted = mode === "quick" || (await certificateFindings(database)).length === 0;
      const run: Run = { ...(await factsOf(database, taken.runId, isTrusted)), lease: taken };
      const ended = await toItsEnd(database, run, options, began);
      return resultOf(database, run, {
        ...{ isStopped: ended === undefined, isResumed: taken.isResumed },
        ...{ certificate: ended?.certificate ?? null, repaired: ended?.repaired ?? noRepair },
        elapsedMs: Math.round(performance.now() - began),
      });
    });
  } finally {
    restore?.();
    await rest();
  }
}

/** Of the connection that notes what the readers prove: with theirs, and what each thread needs, a run stays within 256 MB. */
const cacheKibibytes = 24_000;

/** Proves, repairs and ends; undefined where a signal came in between, or the run was cancelled. */
async function toItsEnd(
  database: Database,
  run: Run,
  options: RunOptions,
  began: number,
): Promise<{ repaired: Repair; certificate: Certificate | null } | undefined> {
  for (;;) {
    try {
      const isDone = await allSteps(database, run, options, began);
      const repaired = isDone ? await repair(database, run, options) : undefined;
      if (repaired !== undefined) return { repaired, ...(await finish(database, run, repaired)) };
      await refresh(database, run);
      return undefined;
    } catch (error) {
      // What was paused in the middle of a step goes on with that step.
      if (!isHeld(error)) throw error;
      await refresh(database, run);
    }
  }
}

/** Does the steps that are left; false where a signal came in between. */
async function allSteps(database: Database, run: Run, options: RunOptions, began: number): Promise<boolean> {
  const tell = (state: Progress["state"]): void => {
    const { next_step: done, events, phase, watermark_position: last } = run.row;
    const total = run.mode === "quick" ? last : ledgerStep;
    const elapsedMs = performance.now() - began;
    options.onProgress?.({ done: Math.min(done, total), total, events, elapsedMs, phase, state });
  };
  const ahead = readAhead(database, run);
  try {
    for (;;) {
      const mayStep = await mayGoOn(run.lease, options.stop, () => {
        tell("paused");
      });
      if (!mayStep) return false;
      const attributes = { "cowriedb.mode": run.mode, "cowriedb.step": run.row.next_step };
      const isLeft = await span("reconcile.step", attributes, async () => step(database, run, ahead));
      tell("running");
      if (!isLeft) return true;
      // SQLite answers at once: without this no signal would ever be heard.
      await new Promise(setImmediate);
    }
  } finally {
    await ahead.close();
  }
}

/** Ends a run: what it has proved holds from now on, and is certified. A quick one proves no bucket. */
async function finish(
  database: Database,
  run: Run,
  repaired: Repair,
): Promise<{ certificate: Certificate | null }> {
  const run_id = run.row.run_id;
  const certificate = await inWriting(database, async (writing) => {
    // Who has lost the lease must not end the run.
    await noteStep(writing, run, { ...noCounts, next_step: run.row.next_step }, 0);
    const classes = await many(writing, reconcileFindingsByClass, { run_id });
    const counts = (of: "open_findings" | "repaired_findings"): Record<string, number> =>
      Object.fromEntries(classes.filter((row) => row[of] > 0).map((row) => [row.class, row[of]]));
    const facts = { found: counts("open_findings"), repaired: counts("repaired_findings") };
    const issued = run.mode === "quick" ? null : await certify(writing, run_id, facts);
    const exit_code = exitOf(run, classes, repaired, false);
    await none(writing, reconcileFinishRun, { run_id, exit_code });
    await endJob(writing, run.lease, exit_code === exitCodes.needsPerson ? "needs_attention" : "done");
    return issued;
  });
  await refresh(database, run);
  return { certificate };
}

/** Nights in a row after which a class of differences needs a person: healing without a cause is hiding. */
const nightsInARow = 3;

function exitOf(
  run: Run,
  classes: readonly ReconcileFindingsByClassRow[],
  repaired: Repair,
  isStopped: boolean,
): ExitCode {
  const open = (counted: string): number =>
    classes.filter((row) => row.counts_as === counted).reduce((sum, row) => sum + row.open_findings, 0);
  const stubborn = classes.filter(
    (row) =>
      row.counts_as === "drift" &&
      row.open_findings + row.repaired_findings > 0 &&
      row.nights >= nightsInARow,
  );
  return verdict({
    person:
      open("person") + (run.mode === "quick" ? 0 : stubborn.length) + repaired.refused + repaired.failed,
    drift: open("drift") + (residual(run.row) ?? 0),
    unproved: open("unproved") + (isStopped ? 1 : 0),
    repaired: repaired.applied,
  });
}

function residual(row: ReconcileRunRow): number | null {
  const { raw_events, summed_events, unattributed_events, accepted_events } = row;
  if (raw_events === null || summed_events === null) return null;
  return residualOf({
    ...{ raw_events, summed_events },
    ...{ unattributed_events: unattributed_events ?? 0, accepted_events: accepted_events ?? 0 },
  });
}

async function resultOf(
  database: Database,
  run: Run,
  end: {
    isStopped: boolean;
    isResumed: boolean;
    certificate: Certificate | null;
    repaired: Repair;
    elapsedMs: number;
  },
): Promise<Reconciled> {
  const classes = await many(database, reconcileFindingsByClass, { run_id: run.row.run_id });
  const scope = await one(database, reconcileBucketScope, {});
  const last = run.mode === "quick" ? run.row.watermark_position : ledgerStep + 1;
  return {
    ...{ run: run.row, mode: run.mode, is_resumed: end.isResumed, is_stopped: end.isStopped },
    steps_left: Math.max(0, last - run.row.next_step),
    ...{ classes, residual: residual(run.row) },
    unattributed: run.mode === "full" ? await many(database, reconcileUnattributed, {}) : [],
    ...{ buckets_proved: scope.buckets, oldest_deep_proved_at: scope.oldest_deep_proved_at },
    certificate: end.certificate,
    repair: end.repaired,
    exit: exitOf(run, classes, end.repaired, end.isStopped),
    elapsed_ms: end.elapsedMs,
  };
}
