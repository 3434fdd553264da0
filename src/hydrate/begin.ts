import type { Database } from "../db/database.ts";
import { rowsOfText, runText } from "../db/texts.ts";
import { inCopy } from "../db/writing.ts";
import {
  hydrateBeginRun,
  hydrateEndStaleRuns,
  hydrateSetState,
  hydrateSpoilChunks,
  hydrateState,
} from "../sql/generated.ts";
import { none, one } from "../sql/run.ts";
import { dropJournal, refuseChanges } from "./parts/journal.ts";
import { nowText } from "../instant.ts";
import { setAside } from "./objects.ts";
import { spoilt, type Chunk } from "./parts/plan.ts";
import type { HydrateOptions, Run } from "./run.ts";
import { notedSettings } from "./settings.ts";
import { boundsOf, keyValues, textsOf, type CopiedTable } from "./rows/tables.ts";

function hydrating({ actor }: HydrateOptions): {
  state: string;
  moved_to: null;
  actor: string;
  now: string;
} {
  return { state: "hydrating", moved_to: null, actor, now: nowText() };
}

/**
 * Begins the run, and sets aside what it does without; of a table that nothing was copied into yet the indexes too. In a store
 * that others have written into since, what was copied tells nothing, and rows stand behind it.
 */
export async function begin(run: Run, chunks: readonly Chunk[], wasUsed: boolean): Promise<void> {
  const { source, target, options, tables, pair } = run;
  const { store_id } = await one(source, hydrateState, {});
  const touched = new Set(chunks.filter(({ known }) => known !== null).map(({ table }) => table.name));
  const parts = (name: string): number => chunks.filter(({ table }) => table.name === name).length;
  const empty = tables.filter(({ name }) => !touched.has(name));
  // What PostgreSQL is set to means nothing to a file.
  const settings = JSON.stringify(pair.isBack ? {} : await notedSettings(pair.sqlite, target, run.building));
  const large: string[] = [];
  for (const table of empty)
    if (parts(table.name) > 1 && (!pair.isBack || (await hasNoRow(target, table)))) large.push(table.name);
  await inCopy(target, async (writing) => {
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
    await prepare(run, writing, large);
    if (wasUsed) await none(writing, hydrateSpoilChunks, { digest: spoilt });
    // What comes back is compared with what is there, row by row.
    if (pair.isBack) return;
    for (const table of wasUsed ? tables : empty)
      await deleteBehind(writing, table, lastKnown(table, chunks));
  });
}

/** The last key that a run has copied; null for none. */
function lastKnown({ name }: CopiedTable, chunks: readonly Chunk[]): string | null {
  const known = chunks.filter((chunk) => chunk.table.name === name && chunk.known !== null);
  return known.at(-1)?.last ?? null;
}

async function deleteBehind(writing: Database, table: CopiedTable, after: string | null): Promise<void> {
  const { delete_text: text } = await textsOf(writing, table, boundsOf(after, null));
  await runText(writing, text, keyValues(table, after));
}

async function hasNoRow(target: Database, table: CopiedTable): Promise<boolean> {
  const { end_text: text } = await textsOf(target, table, "none");
  return (await rowsOfText(target, text)).length === 0;
}

/** Says that the target is being copied into, and sets aside what that does without. */
export async function prepare(
  { tables, options, hydrationId }: Run,
  writing: Database,
  large: readonly string[],
): Promise<void> {
  await none(writing, hydrateSetState, hydrating(options));
  await dropJournal(writing, tables);
  await setAside(writing, hydrationId, tables, large);
  // Triggers are set aside, and with them what refuses a loader.
  await refuseChanges(writing, tables);
}
