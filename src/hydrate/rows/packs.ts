import { isUtf8 } from "node:buffer";
import type { Parameter } from "../../db/database.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { packReader } from "../../db/texts.ts";
import { keyPlaces } from "./fields.ts";
import { boundsOf, keyValues, textsOf, type CopiedTable } from "./tables.ts";
import { packedKind, type PackedKind } from "./unpack.ts";

/** The rows of a part of a SQLite table, many read as one value; `pack_text` says how that is made. */
export interface PackedRows {
  /** Goes to the next row; false behind the last one. */
  next(): boolean;
  /** What the row is in. */
  bytes: Buffer;
  /** Where each field begins and where it ends; both are -1 for NULL. */
  places: Int32Array;
  /** Whether all fields are there, in UTF-8 and without a NUL; else nothing but the key is to be taken. */
  isWhole: boolean;
  /** Whether the row is the first one of its pack. */
  isFirst: boolean;
  /** The key of the row, to be bound. */
  key(): Parameter[];
}

/** Few enough for packs of long rows to take little memory. */
const rowsAtOnce = 100;
const [colon, semicolon, exclamation] = [0x3a, 0x3b, 0x21];

/** Reads a part of a table, in the order of its key. */
export async function packedRows(
  source: Sqlite,
  { table, after, last }: { table: CopiedTable; after: string | null; last: string | null },
): Promise<PackedRows> {
  const { pack_text: first } = await textsOf(source, table, boundsOf(after, last));
  const { pack_text: behind } = await textsOf(source, table, last === null ? "after" : "both");
  const frame = { kinds: table.columns.map(({ type }) => packedKind(type)), at: 0 };
  const [keys, every] = [keyPlaces(table), [...table.columns.keys()]];
  const upTo = keyValues(table, last);
  let read = packReader(source, first);
  const readBehind = first === behind ? read : packReader(source, behind);
  let from: Parameter[] = keyValues(table, after);
  let [left, isText, isAtEnd] = [0, false, false];
  const rows: PackedRows = {
    bytes: Buffer.alloc(0),
    places: new Int32Array(2 * every.length),
    isWhole: false,
    isFirst: false,
    next: () => {
      rows.isFirst = left === 0;
      if (left === 0 && (isAtEnd || !readPack())) return false;
      left -= 1;
      const isAlone = rows.bytes[frame.at] === exclamation;
      if (isAlone) frame.at += 1;
      placeFields(rows, frame, isAlone ? keys : every);
      rows.isWhole = isText && !isAlone;
      return true;
    },
    key: () => keys.map((place) => valueAt(rows, table, place)),
  };
  const readPack = (): boolean => {
    if (rows.bytes.length > 0) [from, read] = [rows.key(), readBehind];
    const [count, bytes] = read([...from, ...upTo, rowsAtOnce]);
    isAtEnd = count < rowsAtOnce;
    Object.assign(rows, { bytes });
    [left, frame.at, isText] = [count, 0, isUtf8(bytes) && !bytes.includes(0)];
    return count > 0;
  };
  return rows;
}

/** Finds where fields of a row lie, in the order of `places`, and what stands behind them. */
function placeFields(
  { bytes, places: found }: PackedRows,
  frame: { kinds: readonly PackedKind[]; at: number },
  places: readonly number[],
): void {
  let at = frame.at;
  for (const place of places) {
    const kind = frame.kinds[place];
    const isText = kind === "text";
    let [from, size] = [at, 0];
    if (isText) {
      for (; bytes[at] !== colon && at < bytes.length; at++) size = 10 * size + (bytes[at] as number) - 0x30;
    } else {
      while (bytes[at] !== semicolon && at < bytes.length) at++;
      size = at - from;
    }
    const isNull = at === from;
    at += 1;
    if (isText) [from, at] = [at, at + size];
    else if (kind === "real") {
      while (bytes[at] !== semicolon && at < bytes.length) at++;
      at += 1;
      size = at - 1 - from;
    }
    found[2 * place] = isNull ? -1 : from;
    found[2 * place + 1] = isNull ? -1 : from + size;
  }
  if (at > bytes.length) throw new RangeError("a row goes on behind its pack");
  frame.at = at;
}

/** A field of a row as text; null for NULL. */
export function textAt({ bytes, places }: PackedRows, place: number): string | null {
  const from = places[2 * place] as number;
  return from < 0 ? null : bytes.toString("utf8", from, places[2 * place + 1]);
}

/** A field of a key; a text as its bytes, which need not be UTF-8. */
function valueAt({ bytes, places }: PackedRows, { columns }: CopiedTable, place: number): Parameter {
  const field = bytes.subarray(places[2 * place], places[2 * place + 1]);
  return columns[place]?.sqliteType === "integer" ? BigInt(field.toString("latin1")) : Buffer.from(field);
}
