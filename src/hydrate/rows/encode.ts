import { createHash } from "node:crypto";
import type { Parameter } from "../../db/database.ts";
import { isDone } from "../../db/garbage.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { eachRowOfText, rowReader } from "../../db/texts.ts";
import {
  codecs,
  makeRoom,
  newPage,
  putNull,
  type Codec,
  type Page,
  type Refusal,
  type SqliteValue,
} from "./codec.ts";
import { packedRows, textAt, type PackedRows } from "./packs.ts";
import { keyOf, refusedRow, type RefusedRow } from "./refused-row.ts";
import { boundsOf, keyValues, textsOf, type CopiedTable } from "./tables.ts";
import { isPlainPack, putDoubtfulJson, unpacks, type Unpack } from "./unpack.ts";

/** A part of a table, without what the target knows of it. */
export interface Part {
  table: CopiedTable;
  after: string | null;
  /** Null for the end of the table. */
  last: string | null;
}

/** Who takes the rows of a part. */
export interface RowSink {
  /** Rows in COPY's binary form, without header and end; the memory is used again. */
  page?(bytes: Buffer): Promise<void>;
  /** The same, one by one, with the values they are made of. */
  row?(bytes: Buffer, values: readonly SqliteValue[]): Promise<void>;
  refused(row: RefusedRow): Promise<void>;
  /** Rows that are written, as they were read: their keys, and `columns` of those that have a value in one of these. */
  seen?: { columns: readonly number[]; take(values: readonly SqliteValue[]): void };
}

/** What a part is. */
export interface Encoded {
  rows: number;
  bytes: number;
  refused: number;
  /** SHA-256 of its rows on the wire and of those refused. */
  digest: Buffer;
}

/** How rows are written, and whether a digest is wanted of them. */
export interface Form {
  codecs: ReadonlyMap<string, Codec>;
  /** The same for rows that are read in packs. */
  unpacks: ReadonlyMap<string, Unpack>;
  /** Whether JSON texts are written without a look at each, where `isPlainPack` says so of all. */
  isPlain: (pack: Buffer) => boolean;
  isDigested: boolean;
}

const wireForm: Form = { codecs, unpacks, isPlain: isPlainPack, isDigested: true };

/** Bytes of rows that are handed over at once. */
const pageBytes = 60 << 10;
/** A page is filled beyond that by one row. */
const pageRoom = 96 << 10;

/** Thrown where a part has a key that only an exact reading of all of it gives: the caller begins anew with one. */
export class InexactKey extends Error {}

interface Reading {
  table: CopiedTable;
  form: Form;
  /** Reads a row anew, in bytes. */
  rowOf: (key: readonly Parameter[]) => unknown[] | undefined;
  put: Codec[];
  page: Page;
  /** The row as it was read last: exactly, where there was a doubt. */
  values: readonly SqliteValue[];
}

/**
 * Reads a part of a table of a SQLite store and writes its rows as PostgreSQL takes them, in the order of the key. What a
 * part gives depends on its rows alone, so that equal digests are equal parts. Who takes rows one by one, or needs an exact reading
 * of all, has them read one by one; the others in packs. Throws `InexactKey`.
 */
export async function encodePart(
  source: Sqlite,
  part: Part,
  sink: RowSink,
  isExact: boolean,
  form: Form = wireForm,
): Promise<Encoded> {
  const { table } = part;
  const { row_text: rowText } = await textsOf(source, table, "none");
  const page = newPage(pageRoom);
  const put = table.columns.map(({ type }) => form.codecs.get(type) as Codec);
  const reading: Reading = { table, form, rowOf: rowReader(source, rowText), put, page, values: [] };
  const hash = createHash("sha256");
  const encoded = { rows: 0, bytes: 0, refused: 0 };
  const flush = async (): Promise<void> => {
    const bytes = page.bytes.subarray(0, page.at);
    if (form.isDigested) hash.update(bytes);
    encoded.bytes += bytes.length;
    await sink.page?.(bytes);
    page.at = 0;
  };
  const isPacked = !isExact && sink.row === undefined;
  const rows = isPacked
    ? await rowsOfPacks(source, part, reading, sink)
    : await rowsOneByOne(source, part, reading, sink, isExact);
  try {
    for (;;) {
      const from = page.at;
      const refused = rows.next();
      if (refused === null) break;
      if (refused === undefined) {
        encoded.rows += 1;
        if (sink.row !== undefined) await sink.row(page.bytes.subarray(from, page.at), reading.values);
      } else {
        encoded.refused += 1;
        hash.update(refused.row_values);
        await sink.refused(refused);
      }
      if (page.at > pageBytes) await flush();
    }
  } finally {
    rows.close();
  }
  await flush();
  return { ...encoded, digest: hash.digest() };
}

interface Rows {
  /** Writes the next row; gives why it cannot be written, where it cannot, and null behind the last one. */
  next(): RefusedRow | undefined | null;
  close(): void;
}

async function rowsOneByOne(
  source: Sqlite,
  { table, after, last }: Part,
  reading: Reading,
  sink: RowSink,
  isExact: boolean,
): Promise<Rows> {
  const texts = await textsOf(source, table, boundsOf(after, last));
  const text = isExact ? texts.exact_text : texts.read_text;
  const rows = eachRowOfText(source, text, keyValues(table, after, last), isExact);
  return {
    next: () => {
      const { value, done } = rows.next();
      if (done === true) return null;
      const refused = putRow(reading, value as SqliteValue[], isExact);
      if (refused === undefined) sink.seen?.take(reading.values);
      return refused;
    },
    // Until then the connection can do nothing else, not even be closed.
    close: () => void rows.return?.(),
  };
}

async function rowsOfPacks(source: Sqlite, part: Part, reading: Reading, sink: RowSink): Promise<Rows> {
  const { table, form } = reading;
  const rows = await packedRows(source, part);
  const json = table.columns.flatMap(({ type }, index) => (type === "jsonb" ? [index] : []));
  const plain = table.columns.map(({ type }) => form.unpacks.get(type) as Unpack);
  const careful = plain.map((unpack, index) => (json.includes(index) ? putDoubtfulJson : unpack));
  let unpack = plain;
  let isJudged = false;
  const putFields = (): boolean => {
    if (!isJudged && json.some((place) => (rows.places[2 * place] as number) >= 0))
      [unpack, isJudged] = [form.isPlain(rows.bytes) ? plain : careful, true];
    return putPacked(reading.page, rows, unpack);
  };
  const next = (): RefusedRow | undefined | null => {
    if (!rows.next()) return null;
    if (rows.isFirst) [unpack, isJudged] = [plain, false];
    if (rows.isWhole && putFields()) {
      if (sink.seen !== undefined) see(sink.seen, rows, table);
      return undefined;
    }
    const exact = reading.rowOf(rows.key());
    if (exact === undefined) throw new TypeError("a row that was read is there");
    const refused = putRow(reading, exact as SqliteValue[], true);
    if (refused === undefined) sink.seen?.take(reading.values);
    isDone(bytesOf(exact as SqliteValue[]));
    return refused;
  };
  return { next, close: () => undefined };
}

/** Bytes of a row that was read exactly: its texts are bytes too. */
function bytesOf(row: readonly SqliteValue[]): number {
  return row.reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0);
}

/** Writes a row of a pack; false where it must be read exactly. */
function putPacked(page: Page, { bytes, places }: PackedRows, unpack: readonly Unpack[]): boolean {
  const start = page.at;
  makeRoom(page, 2);
  page.view.setInt16(start, unpack.length);
  page.at += 2;
  for (let index = 0; index < unpack.length; index++) {
    const from = places[2 * index] as number;
    if (from < 0) putNull(page);
    else if (!(unpack[index] as Unpack)(page, bytes, from, places[2 * index + 1] as number)) {
      page.at = start;
      return false;
    }
  }
  return true;
}

function see({ columns, take }: NonNullable<RowSink["seen"]>, rows: PackedRows, table: CopiedTable): void {
  if (columns.every((index) => (rows.places[2 * index] as number) < 0)) return;
  take(
    table.columns.map(({ key }, index) => (key > 0 || columns.includes(index) ? textAt(rows, index) : null)),
  );
}

/** Writes a row; one with a value in doubt is read again exactly. Gives why it cannot be written, where it cannot. */
function putRow(reading: Reading, row: readonly SqliteValue[], isExact: boolean): RefusedRow | undefined {
  const found = putValues(reading, row);
  reading.values = row;
  if (found === undefined) return undefined;
  const exact = isExact ? row : exactRow(reading, row);
  reading.values = exact;
  const still = isExact ? found : putValues(reading, exact);
  return still === undefined ? undefined : refusedRow(reading.table, exact, still.index, told(still), "");
}

/** Why a row that was read exactly is refused: what is still in doubt is a real where a whole number must be. */
function told({ refusal }: { refusal: Refusal }): Refusal {
  return refusal === "doubt" ? "wrong_class" : refusal;
}

/** One row that was read exactly, in COPY's binary form; or why it has none. */
export function encodeRow(
  table: CopiedTable,
  row: readonly SqliteValue[],
  form: Form = wireForm,
): { bytes: Buffer } | RefusedRow {
  const page = newPage(1_024);
  const put = table.columns.map(({ type }) => form.codecs.get(type) as Codec);
  const found = putValues({ put, page }, row);
  if (found !== undefined) return refusedRow(table, row, found.index, told(found), "");
  return { bytes: page.bytes.subarray(0, page.at) };
}

function putValues(
  { put, page }: Pick<Reading, "put" | "page">,
  row: readonly SqliteValue[],
): { index: number; refusal: Refusal } | undefined {
  const from = page.at;
  makeRoom(page, 2);
  page.view.setInt16(from, put.length);
  page.at += 2;
  for (let index = 0; index < put.length; index++) {
    const refusal = (put[index] as Codec)(page, row[index] as SqliteValue);
    if (refusal === undefined) continue;
    page.at = from;
    return { index, refusal };
  }
  return undefined;
}

function exactRow({ table, rowOf }: Reading, row: readonly SqliteValue[]): SqliteValue[] {
  const key = keyOf(table, row);
  for (const value of key)
    if (
      (typeof value === "string" && value.includes("\uFFFD")) ||
      (typeof value === "number" && !Number.isSafeInteger(value))
    )
      throw new InexactKey();
  const found = rowOf(key as Parameter[]);
  if (found === undefined) throw new InexactKey();
  return found as SqliteValue[];
}
