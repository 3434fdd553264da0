import { isUtf8 } from "node:buffer";
import { putLong, putTime, viewOf } from "../../db/copy-binary.ts";
import { isInstant } from "./codec-instant.ts";
import { jsonRefusal } from "./codec-json.ts";

/** A value as SQLite gives it: in an exact reading whole numbers are BigInts, and text is bytes. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/**
 * Why PostgreSQL cannot hold a value as it is. `doubt` says that the value must be read exactly to know: it holds U+FFFD, which
 * stands for bytes that are no UTF-8 too, or is a whole number beyond 2^53.
 */
export type Refusal =
  | "doubt"
  | "nul"
  | "not_utf8"
  | "nul_escape"
  | "surrogate_escape"
  | "number_range"
  | "too_deep"
  | "integer_range"
  | "not_boolean"
  | "not_an_instant"
  | "wrong_class";

/** Memory that rows are written into; it grows as they need it. */
export interface Page {
  bytes: Buffer;
  view: DataView;
  at: number;
}

/** Writes a value with its length before it, as COPY's binary form has it; writes nothing where it gives a refusal. */
export type Codec = (page: Page, value: SqliteValue) => Refusal | undefined;

/** A page with so much room. */
export function newPage(size: number): Page {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), at: 0 };
}

/** Sees that so many bytes fit behind what is written. */
export function makeRoom(page: Page, size: number): void {
  if (page.at + size <= page.bytes.length) return;
  const bytes = Buffer.allocUnsafeSlow(Math.max(2 * page.bytes.length, page.at + size));
  page.bytes.copy(bytes, 0, 0, page.at);
  Object.assign(page, { bytes, view: viewOf(bytes) });
}

/** The codec of each type of PostgreSQL that our tables have, under the name that the catalogs give it. */
export const codecs: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["bigint", nullable(putBigint)],
  ["integer", nullable(putInteger)],
  ["boolean", nullable(putBoolean)],
  ["double precision", nullable(putDouble)],
  ["text", nullable((page, value) => putText(page, value, 0))],
  ["jsonb", nullable(putJson)],
  ["bytea", nullable(putBytea)],
  ["timestamp with time zone", nullable(putInstant)],
]);

function nullable(put: (page: Page, value: NonNullable<SqliteValue>) => Refusal | undefined): Codec {
  return (page, value) => (value === null ? putNull(page) : put(page, value));
}

/** Writes NULL. */
export function putNull(page: Page): undefined {
  makeRoom(page, 4);
  page.view.setInt32(page.at, -1);
  page.at += 4;
}

function putBigint(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  makeRoom(page, 12);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) return "doubt";
    const high = Math.floor(value / 4_294_967_296);
    page.at = putLong(page.view, page.at, high, value - high * 4_294_967_296);
    return undefined;
  }
  if (typeof value !== "bigint") return "wrong_class";
  page.view.setInt32(page.at, 8);
  page.view.setBigInt64(page.at + 4, value);
  page.at += 12;
  return undefined;
}

function putInteger(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  if (typeof value !== "number" && typeof value !== "bigint") return "wrong_class";
  if (value < -2_147_483_648 || value > 2_147_483_647)
    return Number.isSafeInteger(value) || typeof value === "bigint" ? "integer_range" : "doubt";
  makeRoom(page, 8);
  page.view.setInt32(page.at, 4);
  page.view.setInt32(page.at + 4, Number(value));
  page.at += 8;
  return undefined;
}

function putBoolean(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  const number = Number(value);
  if (typeof value === "string" || typeof value === "object" || (number !== 0 && number !== 1))
    return "not_boolean";
  makeRoom(page, 5);
  page.view.setInt32(page.at, 1);
  page.bytes[page.at + 4] = number;
  page.at += 5;
  return undefined;
}

function putDouble(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  if (typeof value !== "number" && typeof value !== "bigint") return "wrong_class";
  makeRoom(page, 12);
  page.view.setInt32(page.at, 8);
  page.view.setFloat64(page.at + 4, Number(value));
  page.at += 12;
  return undefined;
}

/** Longer texts are measured before room is made for them; shorter ones take what they can need at most. */
const shortText = 16_384;

/** Writes a text behind `before` more bytes of its field. */
function putText(page: Page, value: NonNullable<SqliteValue>, before: number): Refusal | undefined {
  if (typeof value === "object") return putTextBytes(page, value, before);
  if (typeof value !== "string") return "wrong_class";
  if (value.includes("\0")) return "nul";
  if (value.includes("\uFFFD")) return "doubt";
  const most = value.length <= shortText ? 3 * value.length : Buffer.byteLength(value);
  makeRoom(page, 4 + before + most);
  const length = putShort(page, value, page.at + 4 + before);
  page.view.setInt32(page.at, before + length);
  page.at += 4 + before + length;
  return undefined;
}

/** Writes a text; a call into the engine costs more than it saves for a few characters. Gives the number of bytes. */
function putShort({ bytes }: Page, value: string, from: number): number {
  if (value.length > 24) return bytes.write(value, from);
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code > 0x7f) return bytes.write(value, from);
    bytes[from + index] = code;
  }
  return value.length;
}

function putTextBytes(page: Page, value: Uint8Array, before: number): Refusal | undefined {
  if (value.includes(0)) return "nul";
  if (!isUtf8(value)) return "not_utf8";
  putBytesField(page, value, before);
  return undefined;
}

function putBytesField(page: Page, value: Uint8Array, before: number): void {
  makeRoom(page, 4 + before + value.length);
  page.view.setInt32(page.at, before + value.length);
  page.bytes.set(value, page.at + 4 + before);
  page.at += 4 + before + value.length;
}

function putBytea(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  if (typeof value !== "object") return "wrong_class";
  putBytesField(page, value, 0);
  return undefined;
}

/** JSONB in its binary form is a version and the text. */
function putJson(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  const from = page.at;
  const refusal = putText(page, value, 1);
  if (refusal !== undefined) return refusal;
  page.bytes[from + 4] = 1;
  const text = typeof value === "string" ? value : page.bytes.toString("utf8", from + 5, page.at);
  const found = jsonRefusal(text);
  if (found !== undefined) page.at = from;
  return found;
}

function putInstant(page: Page, value: NonNullable<SqliteValue>): Refusal | undefined {
  if (typeof value !== "string" && typeof value !== "object") return "wrong_class";
  const bytes = Buffer.from(value as string);
  if (bytes.length !== 27 || !isInstant(bytes, 0)) return "not_an_instant";
  makeRoom(page, 12);
  page.at = putTime(page.view, page.at, bytes, 0);
  return undefined;
}
