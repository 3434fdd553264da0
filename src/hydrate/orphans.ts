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
import type { SqliteValue } from "./codec.ts";
import { keepOut } from "./copy-chunk.ts";
import { encodeRow } from "./encode.ts";
import { refusedRow } from "./refused-row.ts";
import { placeOf } from "./journal.ts";
import { sendRows, type SentRow } from "./send-rows.ts";
import { compareKeys, keyText, keyValues, textsOf, type CopiedTable } from "./tables.ts";

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

interface Sorting {
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
  const { reader, target, hydrationId } = sorting;
  const { table } = reference;
  const { freed_text: freedText } = await orphanTexts(target, reference);
  const { write_text: writeText } = await textsOf(target, table, "none");
  const read = rowReader(reader, (await textsOf(reader, table, "none")).row_text);
  for (;;) {
    const keys = (await rowsOfText(target, freedText)).map(([key]) => String(key));
    if (keys.length === 0) return;
    const lasts = await lastKeys(sorting, table);
    await inCopy(target, async (writing) => {
      const rows: SentRow[] = [];
      for (const key of keys) {
        const last_key = placeOf(table, lasts, key);
        await none(writing, hydrateClearQuarantineRow, { table_name: table.name, last_key, row_key: key });
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
}
