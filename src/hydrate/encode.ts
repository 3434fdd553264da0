import { createHash } from "node:crypto";
import { isUtf8 } from "node:buffer";
import type { Parameter } from "../db/database.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { eachRowOfText, rowReader } from "../db/texts.ts";
import { codecs, makeRoom, newPage, type Codec, type Page, type Refusal, type SqliteValue } from "./codec.ts";
import { boundsOf, keyText, keyValues, textsOf, type CopiedTable } from "./tables.ts";

/** A part of a table, without what the target knows of it. */
export interface Part {
  table: CopiedTable;
  after: string | null;
  /** Null for the end of the table. */
  last: string | null;
}

/** A row that PostgreSQL cannot hold, or has refused. */
export interface RefusedRow {
  row_key: string;
  column_name: string;
  reason: string;
  detail: string;
  raw: Buffer;
  row_values: string;
}

/** Who takes the rows of a part. */
export interface RowSink {
  /** Rows in COPY's binary form, without header and end; the memory is used again. */
  page?(bytes: Buffer): Promise<void>;
  /** The same, one by one, with the values they are made of. */
  row?(bytes: Buffer, values: readonly SqliteValue[]): Promise<void>;
  refused(row: RefusedRow): Promise<void>;
  /** Each row that is written, as it was read. */
  seen?(values: readonly SqliteValue[]): void;
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
  isDigested: boolean;
}

const wireForm: Form = { codecs, isDigested: true };

/** Bytes of rows that are handed over at once. */
const pageBytes = 60 << 10;
/** A page is filled beyond that by one row. */
const pageRoom = 96 << 10;

/** Thrown where a part has a key that only an exact reading of all of it gives: the caller begins anew with one. */
export class InexactKey extends Error {}

interface Reading {
  table: CopiedTable;
  /** Reads a row anew, in bytes. */
  rowOf: (key: readonly Parameter[]) => unknown[] | undefined;
  put: Codec[];
  page: Page;
  /** The row as it was read last: exactly, where there was a doubt. */
  values: readonly SqliteValue[];
}

/**
 * Reads a part of a table of a SQLite store and writes its rows as PostgreSQL takes them, in the order of the key. What a
 * part gives depends on its rows alone, so that equal digests are equal parts. Throws `InexactKey`.
 */
export async function encodePart(
  source: Sqlite,
  part: Part,
  sink: RowSink,
  isExact: boolean,
  form: Form = wireForm,
): Promise<Encoded> {
  const { table, after, last } = part;
  const texts = await textsOf(source, table, boundsOf(after, last));
  const values = keyValues(table, after, last);
  const page = newPage(pageRoom);
  const put = table.columns.map(({ type }) => form.codecs.get(type) as Codec);
  const reading: Reading = { table, rowOf: rowReader(source, texts.row_text), put, page, values: [] };
  const hash = createHash("sha256");
  const encoded = { rows: 0, bytes: 0, refused: 0 };
  const flush = async (): Promise<void> => {
    const bytes = page.bytes.subarray(0, page.at);
    if (form.isDigested) hash.update(bytes);
    encoded.bytes += bytes.length;
    await sink.page?.(bytes);
    page.at = 0;
  };
  const text = isExact ? texts.exact_text : texts.read_text;
  for (const row of eachRowOfText(source, text, values, isExact)) {
    const from = page.at;
    const refused = putRow(reading, row as SqliteValue[], isExact);
    if (refused === undefined) {
      encoded.rows += 1;
      sink.seen?.(reading.values);
      if (sink.row !== undefined) await sink.row(page.bytes.subarray(from, page.at), reading.values);
    } else {
      encoded.refused += 1;
      hash.update(refused.row_values);
      await sink.refused(refused);
    }
    if (page.at > pageBytes) await flush();
  }
  await flush();
  return { ...encoded, digest: hash.digest() };
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

/** The key of a row. */
export function keyOf({ columns }: CopiedTable, row: readonly SqliteValue[]): SqliteValue[] {
  return columns
    .flatMap(({ key }, index) => (key > 0 ? [{ key, value: row[index] as SqliteValue }] : []))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** A row that is kept out, with everything that is in it. */
export function refusedRow(
  table: CopiedTable,
  row: readonly SqliteValue[],
  index: number,
  reason: string,
  detail: string,
): RefusedRow {
  return {
    row_key: keyText(keyOf(table, row).map(shownValue)),
    column_name: table.columns[index]?.name ?? "",
    reason,
    detail,
    raw: bytesOf(row[index] ?? null),
    row_values: JSON.stringify(
      Object.fromEntries(
        table.columns.map((column, at) => [column.name, kept(column.sqliteType, row[at] ?? null)]),
      ),
    ),
  };
}

/** A value of a key as text. */
export function shownValue(value: SqliteValue): string {
  return typeof value === "object" && value !== null ? Buffer.from(value).toString() : String(value);
}

function bytesOf(value: SqliteValue): Buffer {
  if (value === null) return Buffer.alloc(0);
  return typeof value === "object" ? Buffer.from(value) : Buffer.from(String(value));
}

/** A value with its storage class, as nothing that JSON or a text column takes from it could change it. */
function kept(type: string, value: SqliteValue): unknown {
  if (value === null) return null;
  if (typeof value === "bigint") return { integer: String(value) };
  if (typeof value === "number") return type === "integer" ? { integer: String(value) } : { real: value };
  if (typeof value === "string") return { text: value };
  if (type !== "text") return { blob_hex: Buffer.from(value).toString("hex") };
  return isUtf8(value)
    ? { text: Buffer.from(value).toString() }
    : { text_hex: Buffer.from(value).toString("hex") };
}
