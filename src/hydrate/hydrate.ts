import { inWriting } from "../db/writing.ts";
import type { Database } from "../db/database.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { messageOf } from "../errors.ts";
import {
  hydrateEndPublished,
  hydrateEndRun,
  hydrateNotePhase,
  hydrateQuarantineCounts,
  hydrateSetState,
  hydrateState,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import { begin } from "./begin.ts";
import { betweenStores } from "./between.ts";
import { assertFree, assertOneInUse, hasTakenOver, notBegun } from "./checks.ts";
import { cutOver, noteTaker } from "./cutover.ts";
import { cutOverBack } from "./cutover-back.ts";
import { noteNoMore } from "./follow-back.ts";
import { dropJournal } from "./parts/journal.ts";
import { inLanes } from "./lanes.ts";
import { startMovers, type Movers } from "./movers.ts";
import { nowText } from "../instant.ts";
import { bringBack } from "./objects.ts";
import { keepOrphansOut } from "./orphans.ts";
import { isSealed, type Chunk } from "./parts/plan.ts";
import { settingsToBuild } from "./settings.ts";
import type { Counts, HydrateOptions, HydrateResult, Run } from "./run.ts";

/**
 * Copies a store of one engine into one of the other as it is at one moment, while others go on writing into it: each part of a
 * table in one transaction with its row in `hydration_chunks`, so that a run which has died goes on with what is missing, and a
 * run on a store that has not changed copies nothing.
 */
export async function hydrate(
  source: Database,
  target: Database,
  options: HydrateOptions,
): Promise<HydrateResult> {
  return betweenStores(source, target, async ({ began, pair, tables }) => {
    const isDone = (options.cutover || options.resume) && (await hasTakenOver(source, target));
    if (!isDone) {
      await assertFree(source, target, tables, options.resume);
      await assertOneInUse(source, target, { lost: options.lost, isOpened: options.cutover });
    }
    const run: Run = {
      source,
      target,
      pair,
      options,
      tables,
      building: await settingsToBuild(target, options.workers),
      hydrationId: 0,
      counts: noCounts(),
      proof: null,
      pauseMs: null,
      followed: null,
      left: null,
    };
    if (isDone) await endPublished(run);
    else await copyAll(run);
    const quarantined = await many(target, hydrateQuarantineCounts, {});
    const { state } = await one(target, hydrateState, {});
    const from = await one(source, hydrateState, {});
    return {
      hydration_id: run.hydrationId,
      source: source.name,
      target: target.name,
      state,
      source_state: from.state,
      source_moved_to: from.state === "retired" ? from.moved_to : null,
      tables: tables.length,
      ...run.counts,
      quarantined: quarantined.map((row) => ({ ...row, row_count: Number(row.row_count) })),
      interrupted: options.stop.requested && state === "hydrating",
      pause_ms: run.pauseMs,
      rows_followed: run.followed,
      objects_left: run.left,
      elapsed_ms: Math.round(performance.now() - began),
      proof: run.proof,
    };
  });
}

function noCounts(): Counts {
  return { chunks_copied: 0, chunks_kept: 0, rows_copied: 0, bytes_copied: 0 };
}

/** Does what a run that has published its copy and died has left. Throws `hydrate.not_begun` where it is to be resumed and left nothing. */
async function endPublished(run: Run): Promise<void> {
  const { target, options } = run;
  run.left = await bringRestBack(run);
  const [ended] = await many(target, hydrateEndPublished, { now: nowText() });
  if (ended !== undefined) run.hydrationId = Number(ended.hydration_id);
  else if (run.left === 0 && !options.cutover) throw notBegun(target);
}

async function copyAll(run: Run): Promise<void> {
  const { source, options, pair } = run;
  const isOpen = (await one(source, hydrateState, {})).state === "open";
  try {
    await copyMoment(run, isOpen);
    if (!options.stop.requested && options.cutover && stands(run)) {
      await noteTaker(run);
      await (pair.isBack ? cutOverBack(run, isOpen, finish) : cutOverForth(run, isOpen));
    }
    await end(run, options.stop.requested && run.pauseMs === null ? "stopped" : "done", null);
  } catch (error) {
    await end(run, "failed", messageOf(error));
    throw error;
  } finally {
    if (options.cutover && isOpen && run.pauseMs === null) await stopNoting(run);
  }
}

/** Has a source that was not retired note no more what changes; one that is lost notes on until the next run. */
async function stopNoting({ source, tables }: Run): Promise<void> {
  if (source.dialect === "sqlite") await inWriting(source, async () => dropJournal(source, tables));
  else if (!source.loss.isLost) await noteNoMore(source, tables);
}

/** Cuts over to a server; what its old rows refer to is looked at behind it. */
async function cutOverForth(run: Run, isOpen: boolean): Promise<void> {
  await cutOver(run, isOpen);
  if (run.pauseMs !== null) await bringRestBack(run);
}

function stands({ options, proof }: Run): boolean {
  return options.proof === null || (proof !== null && options.proof.stands(proof));
}

/** Copies the source as it is at one moment, and proves that; what changes behind it is noted for a cutover. */
async function copyMoment(run: Run, isOpen: boolean): Promise<void> {
  const { options } = run;
  const movers = await startMovers(run, isOpen);
  try {
    const wasUsed = (await one(run.target, hydrateState, {})).state === "retired";
    const chunks = await movers.plan(wasUsed);
    await begin(run, chunks, wasUsed);
    await copyChunks(run, movers, chunks);
    if (!options.stop.requested) await finish(run, "copied", movers.reader);
    if (!options.stop.requested && options.proof !== null) await prove(run, movers);
  } finally {
    await movers.close();
  }
}

async function copyChunks(run: Run, movers: Movers, chunks: readonly Chunk[]): Promise<void> {
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
    else await copyOne(run, movers, chunk);
    told();
  };
  told();
  await inLanes(chunks, movers.lanes, copy, () => !options.stop.requested);
  if (!options.stop.requested) counts.rows_copied += await movers.copyEnds();
}

async function copyOne({ counts }: Run, movers: Movers, chunk: Chunk): Promise<void> {
  const outcome = await movers.copy(chunk);
  if (outcome.isKept) counts.chunks_kept += 1;
  else {
    counts.chunks_copied += 1;
    counts.rows_copied += outcome.rows;
    counts.bytes_copied += outcome.bytes;
  }
}

/**
 * Brings back what is aside, and says that the copy is whole, or that it has taken over. `reader` sees what was copied to a
 * server, where rows that refer to nothing are kept out.
 */
async function finish(run: Run, state: "copied" | "open", reader?: Sqlite): Promise<void> {
  const { target, options, tables, hydrationId, pair } = run;
  await none(target, hydrateNotePhase, { hydration_id: run.hydrationId, phase: "indexing" });
  await bringRestBack(run, async () => {
    if (reader !== undefined) await keepOrphansOut({ reader, target: pair.server, tables, hydrationId });
  });
  await inWriting(target, async (writing) => {
    await dropJournal(writing, tables);
    await none(writing, hydrateSetState, {
      state,
      moved_to: null,
      actor: options.actor,
      now: nowText(),
    });
  });
}

/** Brings back what is still aside; gives how much that was. */
async function bringRestBack(
  { target, options, counts, building }: Run,
  beforeReferences: () => Promise<void> = async () => Promise.resolve(),
): Promise<number> {
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
  await bringBack(target, { connections: options.workers, settings: building }, told, beforeReferences);
  return total;
}

/** Compares both stores through those who still see what was copied. */
async function prove(run: Run, movers: Movers): Promise<void> {
  const { target, options } = run;
  if (options.proof === null) return;
  await none(target, hydrateNotePhase, { hydration_id: run.hydrationId, phase: "proving" });
  run.proof = await movers.prove({ ...options, ...options.proof });
}

async function end(run: Run, state: string, error: string | null): Promise<void> {
  const { target } = run;
  if (run.hydrationId === 0 || (target.dialect === "postgres" && target.loss.isLost)) return;
  await none(target, hydrateEndRun, {
    hydration_id: run.hydrationId,
    state,
    error,
    now: nowText(),
    ...run.counts,
  });
}
