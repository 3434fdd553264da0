import { createHash } from "node:crypto";
import { copyOutOfPostgres, type CopyOut } from "../../db/copy-out.ts";
import type { Postgres } from "../../db/postgres.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { rowReader, rowsOfText, rowWriter } from "../../db/texts.ts";
import { inWriting } from "../../db/writing.ts";
import {
  hydrateChunks,
  hydrateClearQuarantine,
  hydrateClearQuarantineRow,
  hydrateKept,
  hydrateKeptRows,
  hydrateProofText,
  hydrateSpoilChunk,
  type HydrateChunksRow,
} from "../../sql/generated.ts";
import { many, none, one } from "../../sql/run.ts";
import type { SqliteValue } from "../rows/codec.ts";
import { keepOut, noteChunk, type ChunkOutcome } from "./copy-chunk.ts";
import { keptValue } from "../rows/decode.ts";
import { encodePart } from "../rows/encode.ts";
import { keyOf } from "../rows/refused-row.ts";
import { dropJournal, placeOf, refuseChanges } from "./journal.ts";
import { unpackTexts, type KeptTexts } from "../rows/kept-texts.ts";
import type { PayloadReader } from "../rows/payloads.ts";
import { spoilt } from "./plan.ts";
import { compareRows, fieldsOf, keyPlaces } from "../rows/fields.ts";
import { proofForm, readRows } from "./proof-part.ts";
import { exactKey, write, writeKept, type Work } from "../rows/return-row.ts";
import { boundsOf, compareKeys, keyValues, textsOf, type CopiedTable } from "../rows/tables.ts";

/** Between whom parts come back. */
export interface Return {
  /** PostgreSQL as it was at one moment. */
  held: Postgres;
  /** The store that is written, and another connection that reads it: rows are not read and written by one. */
  sqlite: Sqlite;
  reader: Sqlite;
  /** What had come the other way, whose quarantine and texts come back too. */
  arrived: readonly HydrateChunksRow[];
  payloads: PayloadReader;
  /** Whether `sqlite` is another store than the one that `reader` reads, where it is tried what the other would take. */
  isTrial?: boolean;
}

/** A part that comes back; `last` is null behind the last row. */
export interface ReturnTask {
  hydrationId: number;
  table: CopiedTable;
  after: string | null;
  last: string | null;
  batchesDigest: Uint8Array | null;
}

/** A part, or some rows of a table by their keys, in order. */
type PartTask = Omit<ReturnTask, "hydrationId" | "batchesDigest"> & { keys?: readonly string[] };

/** What writing a part has come to. */
export interface Returned {
  /** Rows of the part in PostgreSQL, and their bytes. */
  rows: number;
  bytes: number;
  /** Rows that were written or taken away, and those that SQLite refuses. */
  changed: number;
  refused: number;
  digest: Buffer;
}

/**
 * Makes a part of a table of a SQLite store what it is in PostgreSQL, in one transaction with its row of `hydration_chunks`.
 * Meanwhile nobody else may write into the table.
 */
export async function returnPart(between: Return, task: ReturnTask): Promise<ChunkOutcome> {
  const { sqlite } = between;
  const { table, last } = task;
  const end = last ?? "";
  const writePart = await partWriter(between, task, async (row) =>
    keepOut(sqlite, { ...task, last: end }, row),
  );
  return inWriting(sqlite, async () => {
    await dropJournal(sqlite, [table]);
    await none(sqlite, hydrateClearQuarantine, { table_name: table.name, last_key: end });
    const { rows, bytes, changed, refused, digest } = await writePart();
    await refuseChanges(sqlite, [table]);
    if (last !== null)
      await noteChunk(sqlite, { ...task, last }, { rows, bytes, refused, digest, texts: null });
    return { rows: changed, bytes, refused, isKept: changed === 0 };
  });
}

/** Makes some rows of a table of a SQLite store what they are in PostgreSQL; `keys` are in order. Gives how many were changed. */
export async function returnRows(
  between: Return,
  task: { hydrationId: number; table: CopiedTable; keys: readonly string[] },
): Promise<number> {
  const { sqlite } = between;
  const { table, keys } = task;
  const parts = (await many(sqlite, hydrateChunks, {})).filter(({ table_name }) => table_name === table.name);
  const lasts = parts.map(({ last_key }) => last_key).sort((a, b) => compareKeys(table, a, b));
  const lastOf = (key: string): string => (lasts.length === 0 ? "" : placeOf(table, lasts, key));
  const writeRows = await partWriter(between, { table, after: null, last: null, keys }, async (row) =>
    keepOut(sqlite, { ...task, last: lastOf(row.row_key) }, row),
  );
  return inWriting(sqlite, async () => {
    await dropJournal(sqlite, [table]);
    for (const key of keys)
      await many(sqlite, hydrateClearQuarantineRow, {
        table_name: table.name,
        last_key: lastOf(key),
        row_key: key,
      });
    const { changed } = await writeRows();
    await refuseChanges(sqlite, [table]);
    for (const last_key of new Set(keys.map(lastOf)))
      await none(sqlite, hydrateSpoilChunk, {
        ...{ table_name: table.name, last_key, digest: spoilt, rows: 0, kept_out: 0 },
      });
    return changed;
  });
}

/**
 * Prepares to write a part within a transaction of the caller's. Both sides are read in the order of the key; a row that is the
 * same in every column is not touched, and what was kept out on the way there comes back too.
 */
export async function partWriter(
  between: Return,
  task: PartTask,
  refuse: Work["keepOut"],
): Promise<() => Promise<Returned>> {
  const { held } = between;
  const { table, after, last, keys } = task;
  const work = await begin(between, task, refuse);
  const { copy_text: text } = await one(held, hydrateProofText, {
    table_name: table.name,
    columns: JSON.stringify(table.columns),
    after_key: after,
    last_key: last,
    row_keys: keys === undefined ? null : JSON.stringify(keys.map((key) => JSON.parse(key) as unknown)),
  });
  return async () => {
    const hash = createHash("sha256");
    const counts = { rows: 0, bytes: 0 };
    const out = await copyOutOfPostgres(held.sql, held.loss, text);
    try {
      const rows = counted(out, hash, counts);
      if (await isEmpty(between, task))
        for (let row = await rows(); row; row = await rows()) await write(work, row);
      else await merge(work, between.reader, task, rows);
    } finally {
      await out.close();
    }
    await writeKept(work, hash);
    return { ...counts, changed: work.changed, refused: work.refused, digest: hash.digest() };
  };
}

async function begin(between: Return, task: PartTask, refuse: Work["keepOut"]): Promise<Work> {
  const { sqlite, reader, held, arrived } = between;
  const { table } = task;
  const texts: KeptTexts = new Map();
  const kept = new Map<string, SqliteValue[]>();
  for (const { last_key } of overlapping(arrived, task)) {
    const [row] = await many(held, hydrateKept, { table_name: table.name, last_key });
    for (const [place, text] of unpackTexts(row?.kept_texts ?? null)) texts.set(place, text);
    for (const { row_key, row_values } of await many(held, hydrateKeptRows, {
      table_name: table.name,
      last_key,
    })) {
      if (!isWithin(task, row_key)) continue;
      const row = rowOf(table, row_values);
      kept.set(exactKey(table, row), row);
    }
  }
  const sqlTexts = await textsOf(sqlite, table, "none");
  return {
    table,
    payloads: between.payloads,
    texts,
    kept,
    places: keyPlaces(table),
    insert: rowWriter(sqlite, sqlTexts.write_text),
    replace: rowWriter(sqlite, sqlTexts.replace_text),
    drop: rowWriter(sqlite, sqlTexts.drop_row_text),
    rowOf: rowReader(between.isTrial === true ? reader : sqlite, sqlTexts.row_text),
    keepOut: refuse,
    changed: 0,
    refused: 0,
  };
}

/** The parts, as they had come, that share keys with this one. */
function overlapping(
  arrived: readonly HydrateChunksRow[],
  { table, after, last, keys }: PartTask,
): HydrateChunksRow[] {
  const parts = arrived.filter(({ table_name }) => table_name === table.name);
  if (keys !== undefined) {
    const lasts = parts.map(({ last_key }) => last_key).sort((a, b) => compareKeys(table, a, b));
    const places = new Set(lasts.length === 0 ? [] : keys.map((key) => placeOf(table, lasts, key)));
    return parts.filter(({ last_key }) => places.has(last_key));
  }
  return parts.filter(
    ({ after_key, last_key }) =>
      (after === null || compareKeys(table, last_key, after) > 0) &&
      (last === null || after_key === null || compareKeys(table, after_key, last) < 0),
  );
}

function isWithin({ table, after, last, keys }: PartTask, key: string): boolean {
  if (keys !== undefined) return keys.includes(key);
  return (
    (after === null || compareKeys(table, key, after) > 0) &&
    (last === null || compareKeys(table, key, last) <= 0)
  );
}

/** Whether the store has no row of a part yet. */
async function isEmpty({ reader }: Return, { table, after, last, keys }: PartTask): Promise<boolean> {
  if (keys !== undefined) return false;
  const { cut_text: text } = await textsOf(reader, table, boundsOf(after, last));
  return (await rowsOfText(reader, text, [...keyValues(table, after, last), 0])).length === 0;
}

type NextRow = () => Promise<Buffer | undefined>;

function counted(
  out: CopyOut,
  hash: { update(bytes: Buffer): unknown },
  counts: { rows: number; bytes: number },
): NextRow {
  return async () => {
    const row = await out.row();
    if (row === undefined) return undefined;
    hash.update(row);
    counts.rows += 1;
    counts.bytes += row.length;
    return row;
  };
}

/** Goes through both sides, and changes what is not the same. */
async function merge(work: Work, reader: Sqlite, task: PartTask, rows: NextRow): Promise<void> {
  const { places } = work;
  const { table, after, last, keys } = task;
  let theirs = await rows();
  const row = async (bytes: Buffer, values: readonly SqliteValue[]): Promise<void> => {
    if (theirs?.equals(bytes) === true) {
      theirs = await rows();
      return;
    }
    const ours = fieldsOf(bytes);
    for (;;) {
      const order = theirs === undefined ? -1 : compareRows(places, table, ours, fieldsOf(theirs));
      if (theirs === undefined || order < 0) {
        dropRow(work, values);
        return;
      }
      await write(work, theirs, order === 0 ? { fields: ours, values } : undefined);
      theirs = await rows();
      if (order === 0) return;
    }
  };
  // What PostgreSQL could not hold is compared behind this, or is nobody's.
  const refused = async ({ row_values }: { row_values: string }): Promise<void> =>
    Promise.resolve(dropRow(work, rowOf(table, row_values)));
  if (keys !== undefined) await readRows({ source: reader, task }, keys, { row, refused });
  else await encodePart(reader, { table, after, last }, { row, refused }, true, proofForm);
  for (; theirs !== undefined; theirs = await rows()) await write(work, theirs);
}

function dropRow(work: Work, values: readonly SqliteValue[]): void {
  const { table } = work;
  if (work.kept.has(exactKey(table, values))) return;
  work.drop(keyOf(table, values));
  work.changed += 1;
}

/** A row as the quarantine has kept it. */
function rowOf({ columns }: CopiedTable, rowValues: string): SqliteValue[] {
  const values = JSON.parse(rowValues) as Record<string, unknown>;
  return columns.map(({ name }) => keptValue(values[name]));
}
