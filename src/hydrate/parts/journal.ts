import type { Postgres } from "../../db/postgres.ts";
import { inCopy } from "../../db/writing.ts";
import type { Database } from "../../db/database.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { execute } from "../../db/execute.ts";
import { rowReader, runText } from "../../db/texts.ts";
import {
  hydrateClearQuarantineRow,
  hydrateChunks,
  hydrateJournal,
  hydrateJournalRows,
  hydrateKept,
  hydrateSetKept,
  hydrateSpoilChunk,
  type HydrateJournalRow,
} from "../../sql/generated.ts";
import { many, maybe, none } from "../../sql/run.ts";
import type { SqliteValue } from "../rows/codec.ts";
import { copyChunk, keepOut } from "./copy-chunk.ts";
import { encodeRow } from "../rows/encode.ts";
import type { RefusedRow } from "../rows/refused-row.ts";
import { assertFollowed, touch, type Touched } from "./followed.ts";
import {
  keepTexts,
  keptColumns,
  packTexts,
  textPlace,
  unpackTexts,
  type KeptTexts,
} from "../rows/kept-texts.ts";
import { planChunks, spoilt as spoiltDigest } from "./plan.ts";
import { sendRows } from "../rows/send-rows.ts";
import { compareKeys, keyValues, textsOf, type CopiedTable } from "../rows/tables.ts";

type Texts = "drop_text" | "note_text" | "refuse_text";

/** The texts of the triggers of the journal. */
async function textsOfJournal(
  source: Database,
  tables: readonly CopiedTable[],
): Promise<HydrateJournalRow[]> {
  const named = tables.map(({ name, columns }) => ({
    name,
    key: columns
      .filter(({ key }) => key > 0)
      .sort((a, b) => a.key - b.key)
      .map(({ name: column, expression }) => (source.dialect === "sqlite" ? expression : column)),
  }));
  return many(source, hydrateJournal, { tables: JSON.stringify(named) });
}

/** Runs the texts of every trigger of the journal, those of a kind together, within a transaction of the caller's. */
async function runTexts(
  source: Database,
  tables: readonly CopiedTable[],
  kinds: readonly Texts[],
): Promise<void> {
  const triggers = await textsOfJournal(source, tables);
  for (const kind of kinds) {
    const texts = triggers.map(({ [kind]: text }) => text).filter((text) => text !== "");
    if (texts.length > 0) await execute(source, texts.join(";\n"));
  }
}

/** The tables of a store on a server that have such triggers, as a run leaves them that dies. */
export async function tablesThatNote(
  server: Database,
  tables: readonly CopiedTable[],
): Promise<CopiedTable[]> {
  const texts = await textsOfJournal(server, tables);
  const noting = new Set(texts.filter(({ drop_text }) => drop_text !== "").map(({ name }) => name));
  return tables.filter(({ name }) => noting.has(name));
}

/** Has the source note every key that changes from now on; whatever a run that has died has left is taken away. */
export async function keepJournal(source: Database, tables: readonly CopiedTable[]): Promise<void> {
  await runTexts(source, tables, source.dialect === "sqlite" ? ["drop_text", "note_text"] : ["note_text"]);
}

/**
 * Has the source refuse every change. On a server whoever notes stays, with nothing to note: who drops a trigger waits for readers,
 * and all others for him.
 */
export async function refuseChanges(source: Database, tables: readonly CopiedTable[]): Promise<void> {
  await runTexts(
    source,
    tables,
    source.dialect === "sqlite" ? ["drop_text", "refuse_text"] : ["refuse_text"],
  );
}

/** Lets the source be changed, and note nothing. */
export async function dropJournal(source: Database, tables: readonly CopiedTable[]): Promise<void> {
  await runTexts(source, tables, ["drop_text"]);
}

/** What a drain of the journal has done. */
export interface Drained {
  lastId: number;
  rows: number;
  /** The keys of these rows, by their tables. */
  touched: Touched;
}

/** A copy that follows its source. */
export interface Following {
  tables: readonly CopiedTable[];
  /** The tables whose rows are compared once they are there, with the columns that each store computes; none for a copy unproved. */
  proved: readonly CopiedTable[];
  hydrationId: number;
}

/** Entries that are read at once: a table may be emptied, however large it is. */
export const entriesAtOnce = 5_000;

/**
 * Brings into the target what the next entries of the journal, behind one of them, say has changed: new parts behind those that were
 * copied, and rows within them one by one, as they are in the source, which must not change meanwhile. No rows are left where it gives
 * none; done twice, it gives the same. Throws `hydrate.differs`.
 */
export async function drain(
  source: Sqlite,
  target: Postgres,
  { tables, proved, hydrationId }: Following,
  afterId: number,
): Promise<Drained> {
  const changed = await many(source, hydrateJournalRows, {
    ...{ after_id: afterId, page_size: entriesAtOnce },
  });
  const touched: Touched = new Map();
  if (changed.length === 0) return { lastId: afterId, rows: 0, touched };
  for (const { table_name, row_key } of changed)
    touch(touched, table_name, [JSON.stringify(JSON.parse(row_key))]);
  const known = await many(target, hydrateChunks, {});
  for (const table of tables) {
    const keys = touched.get(table.name) ?? [];
    if (keys.length === 0) continue;
    const parts = known.filter(({ table_name }) => table_name === table.name);
    const lasts = parts.map(({ last_key }) => last_key).sort((a, b) => compareKeys(table, a, b));
    const end = lasts.at(-1);
    const within = end === undefined ? [] : keys.filter((key) => compareKeys(table, key, end) <= 0);
    await replaceRows(source, target, table, hydrationId, lasts, within);
    const behind = (await planChunks(source, [table], parts)).filter((chunk) => chunk.known === null);
    for (const chunk of behind) await copyChunk(source, target, { ...chunk, known: null, hydrationId });
    const whole = proved.find(({ name }) => name === table.name);
    if (whole !== undefined)
      await assertFollowed(source, target, { table: whole, keys: within, parts: behind });
  }
  // They come in the order of their entries.
  return { lastId: Number(changed.at(-1)?.last_id), rows: changed.length, touched };
}

/** Rows that are replaced in one transaction. */
const rowsAtOnce = 2_000;

async function replaceRows(
  source: Sqlite,
  target: Postgres,
  table: CopiedTable,
  hydrationId: number,
  lasts: readonly string[],
  keys: readonly string[],
): Promise<void> {
  const here = await textsOf(source, table, "none");
  const there = await textsOf(target, table, "none");
  const read = rowReader(source, here.row_text);
  for (let from = 0; from < keys.length; from += rowsAtOnce) {
    const some = keys.slice(from, from + rowsAtOnce);
    await inCopy(target, async (writing) => {
      const encoded: { bytes: Buffer; values: readonly SqliteValue[] }[] = [];
      const refused: RefusedRow[] = [];
      const spoilt = new Map<string, Change>();
      const texts = new Map<string, KeptTexts>();
      for (const key of some) {
        const last = placeOf(table, lasts, key);
        const bound = keyValues(table, key);
        const dropped = await runText(writing, there.drop_row_text, bound);
        const cleared = await many(writing, hydrateClearQuarantineRow, {
          table_name: table.name,
          last_key: last,
          row_key: key,
        });
        count(spoilt, last, -dropped, -cleared.length);
        const row = read(bound) as SqliteValue[] | undefined;
        await replaceTexts(writing, table, texts, { last, key, row });
        if (row === undefined) continue;
        const found = encodeRow(table, row);
        count(spoilt, last, 1, 0);
        if ("bytes" in found) encoded.push({ bytes: found.bytes, values: row });
        else refused.push(found);
      }
      refused.push(...(await sendRows(writing, table, there.write_text, encoded)));
      for (const row of refused) {
        const last = placeOf(table, lasts, row.row_key);
        await keepOut(writing, { hydrationId, table, last }, row);
        count(spoilt, last, -1, 1);
      }
      for (const [last_key, kept] of texts)
        await none(writing, hydrateSetKept, {
          table_name: table.name,
          last_key,
          kept_texts: packTexts(kept),
        });
      for (const [last_key, change] of spoilt)
        await none(writing, hydrateSpoilChunk, {
          table_name: table.name,
          last_key,
          digest: spoiltDigest,
          ...change,
        });
    });
  }
}

/** By how many rows a part has changed, and what is kept out of it. */
interface Change {
  rows: number;
  kept_out: number;
}

function count(changes: Map<string, Change>, last: string, rows: number, keptOut: number): void {
  const known = changes.get(last) ?? { rows: 0, kept_out: 0 };
  changes.set(last, { rows: known.rows + rows, kept_out: known.kept_out + keptOut });
}

/** Replaces what is kept of the texts of a row, in the texts of its part, which are read when they are first asked for. */
async function replaceTexts(
  writing: Postgres,
  table: CopiedTable,
  texts: Map<string, KeptTexts>,
  { last, key, row }: { last: string; key: string; row: readonly SqliteValue[] | undefined },
): Promise<void> {
  const columns = keptColumns(table);
  if (columns.length === 0) return;
  let kept = texts.get(last);
  if (kept === undefined) {
    const found = await maybe(writing, hydrateKept, { table_name: table.name, last_key: last });
    texts.set(last, (kept = unpackTexts(found?.kept_texts ?? null)));
  }
  for (const index of columns) kept.delete(textPlace(key, table.columns[index]?.name ?? ""));
  if (row !== undefined) keepTexts(kept, table, columns, () => key, row);
}

/** The last key of the part that has a key; parts are in order, and reach at least that far. */
export function placeOf(table: CopiedTable, lasts: readonly string[], key: string): string {
  let [low, high] = [0, lasts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(table, key, lasts[middle] as string) <= 0) high = middle;
    else low = middle + 1;
  }
  return lasts[low] as string;
}
