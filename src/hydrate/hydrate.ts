import { closeDatabase } from "../db/open.ts";
import { inWriting } from "../db/writing.ts";
import type { Postgres } from "../db/postgres.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { runText } from "../db/texts.ts";
import { messageOf } from "../errors.ts";
import {
  hydrateBeginRun,
  hydrateChunks,
  hydrateClearJournal,
  hydrateEndRun,
  hydrateEndStaleRuns,
  hydrateNotePhase,
  hydrateQuarantineCounts,
  hydrateSetState,
  hydrateState,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { assertFree, lockedConnection } from "./checks.ts";
import { startCopiers, type Copiers } from "./copiers.ts";
import { cutOver } from "./cutover.ts";
import { dropJournal, keepJournal } from "./journal.ts";
import { inLanes } from "./lanes.ts";
import { nowText } from "./now.ts";
import { bringBack, setAside } from "./objects.ts";
import { keepOrphansOut } from "./orphans.ts";
import { isSealed, planChunks, type Chunk } from "./plan.ts";
import { proveCopy, type ProofOptions } from "./proof.ts";
import { notedSettings } from "./settings.ts";
import { tablesToCopy, textsOf } from "./tables.ts";

import type { Counts, HydrateOptions, HydrateResult, Run } from "./run.ts";

/**
 * Copies a SQLite store into PostgreSQL as it is at one moment, while others go on writing into it: each part of a table in one
 * transaction with its row in `hydration_chunks`, so that a run which has died goes on with what is missing, and a run on a store
 * that has not changed copies nothing.
 */
export async function hydrate(
  source: Sqlite,
  target: Postgres,
  options: HydrateOptions,
): Promise<HydrateResult> {
  const began = performance.now();
  const lock = await lockedConnection(target);
  try {
    const tables = await tablesToCopy(source, target);
    await assertFree(source, target, tables, options.resume);
    const run: Run = {
      source,
      target,
      options,
      tables,
      hydrationId: 0,
      counts: noCounts(),
      proof: null,
      pauseMs: null,
      followed: null,
    };
    await copyAll(run);
    const quarantined = await many(target, hydrateQuarantineCounts, {});
    const { state } = await one(target, hydrateState, {});
    return {
      hydration_id: run.hydrationId,
      source: source.name,
      target: target.name,
      state,
      tables: tables.length,
      ...run.counts,
      quarantined: quarantined.map((row) => ({ ...row, row_count: Number(row.row_count) })),
      interrupted: options.stop.requested && state === "hydrating",
      pause_ms: run.pauseMs,
      rows_followed: run.followed,
      elapsed_ms: Math.round(performance.now() - began),
      proof: run.proof,
    };
  } finally {
    await closeDatabase(lock);
  }
}

function noCounts(): Counts {
  return { chunks_copied: 0, chunks_kept: 0, rows_copied: 0, bytes_copied: 0 };
}

async function copyAll(run: Run): Promise<void> {
  const { source, options } = run;
  const isOpen = (await one(source, hydrateState, {})).state === "open";
  try {
    await copyMoment(run, isOpen);
    if (!options.stop.requested && options.cutover && stands(run))
      await cutOver(run, isOpen, async (one, state) => finish(one, source, state));
    await end(run, options.stop.requested && run.pauseMs === null ? "stopped" : "done", null);
  } catch (error) {
    await end(run, "failed", messageOf(error));
    throw error;
  } finally {
    if (options.cutover && isOpen && run.pauseMs === null)
      await inWriting(source, async () => dropJournal(source, run.tables));
  }
}

function stands({ options, proof }: Run): boolean {
  return options.proof === null || (proof !== null && options.proof.stands(proof));
}

/** Copies the source as it is at one moment, and proves that; what changes behind it is noted for a cutover. */
async function copyMoment(run: Run, isOpen: boolean): Promise<void> {
  const { source, target, options, tables } = run;
  const url = { url: options.url, shown: target.name };
  const copiers = await startCopiers(source, url, options.workers, async () => {
    if (!isOpen) return;
    await none(source, hydrateClearJournal, {});
    await (options.cutover ? keepJournal : dropJournal)(source, tables);
  });
  try {
    const chunks = await planChunks(copiers.reader, tables, await many(target, hydrateChunks, {}));
    await begin(run, chunks);
    await copyChunks(run, copiers, chunks);
    if (!options.stop.requested) await finish(run, copiers.reader);
    if (!options.stop.requested && options.proof !== null)
      await prove(run, copiers, { ...options, ...options.proof });
  } finally {
    await copiers.close();
  }
}

/** Begins the run, and sets aside what it does without; of a table that nothing was copied into yet the indexes too. */
async function begin(run: Run, chunks: readonly Chunk[]): Promise<void> {
  const { source, target, options, tables } = run;
  const { store_id } = await one(source, hydrateState, {});
  const touched = new Set(chunks.filter(({ known }) => known !== null).map(({ table }) => table.name));
  const parts = (name: string): number => chunks.filter(({ table }) => table.name === name).length;
  const empty = tables.filter(({ name }) => !touched.has(name));
  const settings = JSON.stringify(await notedSettings(source, target));
  await inWriting(target, async (writing) => {
    await none(writing, hydrateEndStaleRuns, { now: nowText() });
    const { hydration_id } = await one(writing, hydrateBeginRun, {
      source_store_id: store_id,
      source_name: source.name,
      settings,
      tool_version: options.toolVersion,
      schema_version: options.schemaVersion,
      actor: options.actor,
      worker: options.worker,
      now: nowText(),
    });
    run.hydrationId = Number(hydration_id);
    await none(writing, hydrateSetState, {
      state: "hydrating",
      moved_to: null,
      actor: options.actor,
      now: nowText(),
    });
    const large = empty.filter(({ name }) => parts(name) > 1).map(({ name }) => name);
    await setAside(writing, run.hydrationId, tables, large);
    for (const table of empty) await runText(writing, (await textsOf(writing, table, "none")).delete_text);
  });
}

async function copyChunks(run: Run, copiers: Copiers, chunks: readonly Chunk[]): Promise<void> {
  const { options, counts, target, hydrationId } = run;
  await none(target, hydrateNotePhase, { hydration_id: hydrationId, phase: "loading" });
  const told = (): void =>
    options.onProgress({
      state: "running",
      phase: "loading",
      unit: "part",
      current: counts.chunks_copied + counts.chunks_kept,
      total: chunks.length,
      counts: { ...counts },
    });
  const copy = async (chunk: Chunk): Promise<void> => {
    if (isSealed(chunk)) counts.chunks_kept += 1;
    else await copyOne(run, copiers, chunk);
    told();
  };
  told();
  await inLanes(chunks, options.workers, copy, () => !options.stop.requested);
}

async function copyOne(run: Run, copiers: Copiers, chunk: Chunk): Promise<void> {
  const { known, table, after, last, batchesDigest } = chunk;
  const outcome = await copiers.copy({
    hydrationId: run.hydrationId,
    table,
    after,
    last,
    batchesDigest,
    known:
      known === null
        ? null
        : {
            rows: Number(known.row_count),
            bytes: Number(known.byte_count),
            refused: Number(known.quarantined),
            digest: known.digest,
          },
  });
  if (outcome.isKept) run.counts.chunks_kept += 1;
  else {
    run.counts.chunks_copied += 1;
    run.counts.rows_copied += outcome.rows;
    run.counts.bytes_copied += outcome.bytes;
  }
}

/** Brings back what is aside, and says that the copy is whole, or that it has taken over; `reader` sees what was copied. */
async function finish(run: Run, reader: Sqlite, state: "copied" | "open" = "copied"): Promise<void> {
  const { target, options, counts, tables, hydrationId } = run;
  await none(target, hydrateNotePhase, { hydration_id: run.hydrationId, phase: "indexing" });
  let total = 0;
  const told = (_part: unknown, left: number): void => {
    total = Math.max(total, left);
    options.onProgress({
      state: "running",
      phase: "indexing",
      unit: "object",
      current: total - left,
      total,
      counts: { ...counts },
    });
  };
  await bringBack(target, options.workers, told, async () => {
    await keepOrphansOut({ reader, target, tables, hydrationId });
  });
  await none(target, hydrateSetState, {
    state,
    moved_to: null,
    actor: options.actor,
    now: nowText(),
  });
}

/** Compares both stores through the copiers, who still see what they have copied. */
async function prove(run: Run, copiers: Copiers, options: ProofOptions): Promise<void> {
  const { source, target } = run;
  await none(target, hydrateNotePhase, { hydration_id: run.hydrationId, phase: "proving" });
  run.proof = await proveCopy(copiers, source, target, options);
}

async function end(run: Run, state: string, error: string | null): Promise<void> {
  if (run.hydrationId === 0 || run.target.loss.isLost) return;
  await none(run.target, hydrateEndRun, {
    hydration_id: run.hydrationId,
    state,
    error,
    now: nowText(),
    ...run.counts,
  });
}
