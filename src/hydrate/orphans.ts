import type { Postgres } from "../db/postgres.ts";
import { inCopy } from "../db/writing.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { rowReader, rowsOfText, runText } from "../db/texts.ts";
import {
  hydrateChunks,
  hydrateClearQuarantineRow,
  hydrateMoveToQuarantine,
  hydrateOrphanTexts,
  type HydrateOrphanTextsRow,
} from "../sql/generated.ts";
import { many, none, one } from "../sql/run.ts";
import type { Database } from "../db/database.ts";
import type { ShapedReference } from "../sql/shape.ts";
import { targetReferences } from "../sql/target-shape.ts";
import type { SqliteValue } from "./rows/codec.ts";
import { keepOut } from "./parts/copy-chunk.ts";
import { encodeRow } from "./rows/encode.ts";
import { touch, type Touched } from "./parts/followed.ts";
import { refusedRow } from "./rows/refused-row.ts";
import { placeOf } from "./parts/journal.ts";
import { sendRows, type SentRow } from "./rows/send-rows.ts";
import { compareKeys, keyText, keyValues, textsOf, type CopiedTable } from "./rows/tables.ts";

/** What PostgreSQL says of a row that refers to nothing. */
export const orphanReason = "23503";

/** A reference between two tables that are copied. */
export interface Reference extends ShapedReference {
  table: CopiedTable;
}

/** The references of tables that are copied, in the order of their names. */
export function referencesOf(tables: readonly CopiedTable[]): Reference[] {
  const named = new Map(tables.map((table) => [table.name, table]));
  return targetReferences.flatMap((reference) => {
    const table = named.get(reference.table_name);
    return table === undefined || !named.has(reference.parent_table) ? [] : [{ ...reference, table }];
  });
}

/** The statements that find what refers to nothing in one of the stores. */
export async function orphanTexts(
  database: Database,
  { table, table_name, column_name, parent_table, parent_column }: Reference,
): Promise<HydrateOrphanTextsRow> {
  const keys = table.columns
    .filter(({ key }) => key > 0)
    .sort((a, b) => a.key - b.key)
    .map(({ name, expression }) => (database.dialect === "sqlite" ? expression : name));
  const places = { table_name, column_name, parent_table, parent_column };
  return one(database, hydrateOrphanTexts, { ...places, keys: JSON.stringify(keys) });
}

/** Between whom rows that refer to nothing are sorted out. */
export interface Sorting {
  /** Sees the source as it was copied. */
  reader: Sqlite;
  target: Postgres;
  tables: readonly CopiedTable[];
  hydrationId: number;
}

/**
 * Keeps out rows that refer to nothing, as a SQLite store has them once somebody wrote with `foreign_keys` off, and what refers
 * to them in turn; those of earlier runs that refer to a row by now come in. Must be called while the target has its keys, and none
 * of its foreign keys. Gives how many rows were kept out.
 */
export async function keepOrphansOut(sorting: Sorting): Promise<number> {
  const references = referencesOf(sorting.tables);
  for (const reference of references) await admitFreed(sorting, reference);
  let all = 0;
  for (let before = -1; before < all;) {
    before = all;
    for (const reference of references) all += await keepOutBy(sorting, reference);
  }
  return all;
}

/**
 * As `keepOrphansOut`, where only some rows have changed since that was called: what they refer to and what refers to them is
 * looked at, so that it takes the longer the more they are, and not the larger the tables.
 */
export async function keepTouchedOut(sorting: Sorting, touched: Touched): Promise<void> {
  const references = referencesOf(sorting.tables);
  const all: Touched = new Map();
  for (let now = touched; now.size > 0;) {
    for (const [table, keys] of now) touch(all, table, keys);
    const next: Touched = new Map();
    for (const reference of references)
      touch(next, reference.table_name, await admitTouched(sorting, reference, now));
    now = next;
  }
  for (let now = all; now.size > 0;) {
    const next: Touched = new Map();
    for (const reference of references)
      touch(next, reference.table_name, await keepOutTouched(sorting, reference, now));
    now = next;
  }
}

/** A JSON list of the values that rows are referred to by: all references are to keys of one column. */
function referredTo(keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => (JSON.parse(key) as string[])[0]));
}

async function admitTouched(sorting: Sorting, reference: Reference, touched: Touched): Promise<string[]> {
  const parents = touched.get(reference.parent_table) ?? [];
  if (parents.length === 0) return [];
  const { touched_freed_text: text } = await orphanTexts(sorting.target, reference);
  const keys = (await rowsOfText(sorting.target, text, [referredTo(parents)])).map(([key]) => String(key));
  await admit(sorting, reference, keys);
  return keys;
}

async function keepOutTouched(sorting: Sorting, reference: Reference, touched: Touched): Promise<string[]> {
  const own = touched.get(reference.table_name) ?? [];
  const parents = touched.get(reference.parent_table) ?? [];
  if (own.length + parents.length === 0) return [];
  const { touched_text: ofOwn, children_text: ofParents } = await orphanTexts(sorting.target, reference);
  const found = new Set<string>();
  const find = async (text: string, given: string): Promise<void> => {
    for (const key of await rowsOfText(sorting.target, text, [given])) found.add(keyText(key));
  };
  if (own.length > 0) await find(ofOwn, `[${own.join(",")}]`);
  if (parents.length > 0) await find(ofParents, referredTo(parents));
  const keys = [...found];
  return keys.length > 0 && (await moveOut(sorting, reference, keys)) > 0 ? keys : [];
}

async function lastKeys({ target }: Sorting, table: CopiedTable): Promise<string[]> {
  const parts = (await many(target, hydrateChunks, {})).filter(({ table_name }) => table_name === table.name);
  return parts.map(({ last_key }) => last_key).sort((a, b) => compareKeys(table, a, b));
}

async function keepOutBy(sorting: Sorting, reference: Reference): Promise<number> {
  const { find_text: text } = await orphanTexts(sorting.target, reference);
  let all = 0;
  for (;;) {
    const keys = (await rowsOfText(sorting.target, text)).map(keyText);
    const moved = keys.length === 0 ? 0 : await moveOut(sorting, reference, keys);
    all += moved;
    // What is left is not from the source; the constraint itself will say so.
    if (moved < keys.length || moved === 0) return all;
  }
}

async function moveOut(sorting: Sorting, reference: Reference, keys: readonly string[]): Promise<number> {
  const { reader, target, hydrationId } = sorting;
  const { table, name, column_name, parent_table } = reference;
  const index = table.columns.findIndex((column) => column.name === column_name);
  const lasts = await lastKeys(sorting, table);
  const { drop_row_text: dropText } = await textsOf(target, table, "none");
  const read = rowReader(reader, (await textsOf(reader, table, "none")).row_text);
  return inCopy(target, async (writing) => {
    let moved = 0;
    for (const key of keys) {
      const row = read(keyValues(table, key)) as SqliteValue[] | undefined;
      if (row === undefined) continue;
      const last_key = placeOf(table, lasts, key);
      const kept = refusedRow(
        table,
        row,
        index,
        orphanReason,
        `${name}: it refers to no row of ${parent_table}`,
      );
      await runText(writing, dropText, keyValues(table, key));
      await keepOut(writing, { hydrationId, table, last: last_key }, kept);
      await none(writing, hydrateMoveToQuarantine, { table_name: table.name, last_key, row_count: 1 });
      moved += 1;
    }
    return moved;
  });
}

/** Brings in rows of the quarantine that refer to a row by now. */
async function admitFreed(sorting: Sorting, reference: Reference): Promise<void> {
  const { freed_text: text } = await orphanTexts(sorting.target, reference);
  for (;;) {
    const keys = (await rowsOfText(sorting.target, text)).map(([key]) => String(key));
    if (keys.length === 0) return;
    await admit(sorting, reference, keys);
  }
}

async function admit(sorting: Sorting, { table }: Reference, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const { reader, target, hydrationId } = sorting;
  const { write_text: writeText } = await textsOf(target, table, "none");
  const read = rowReader(reader, (await textsOf(reader, table, "none")).row_text);
  const lasts = await lastKeys(sorting, table);
  await inCopy(target, async (writing) => {
    const rows: SentRow[] = [];
    for (const key of keys) {
      const last_key = placeOf(table, lasts, key);
      await many(writing, hydrateClearQuarantineRow, { table_name: table.name, last_key, row_key: key });
      await none(writing, hydrateMoveToQuarantine, { table_name: table.name, last_key, row_count: -1 });
      const row = read(keyValues(table, key)) as SqliteValue[] | undefined;
      const encoded = row === undefined ? undefined : encodeRow(table, row);
      if (row !== undefined && encoded !== undefined && "bytes" in encoded)
        rows.push({ bytes: Buffer.from(encoded.bytes), values: row });
    }
    for (const row of await sendRows(writing, table, writeText, rows)) {
      const last_key = placeOf(table, lasts, row.row_key);
      await keepOut(writing, { hydrationId, table, last: last_key }, row);
      await none(writing, hydrateMoveToQuarantine, { table_name: table.name, last_key, row_count: 1 });
    }
  });
}
