import { putBytes, putLong, putTime } from "../../db/copy-binary.ts";
import { codecs, makeRoom, type Page } from "./codec.ts";
import { isInstant } from "./codec-instant.ts";
import { jsonRefusal } from "./codec-json.ts";

/** How a field of a pack is written: `number` and `real` end with a semicolon, `text` has its length before it. */
export type PackedKind = "number" | "real" | "text";

/**
 * Writes a field of a pack, which lies between two places and is not NULL, as COPY's binary form has it. False where it cannot, or
 * where nothing but an exact reading of the row tells why not.
 */
export type Unpack = (page: Page, bytes: Buffer, from: number, to: number) => boolean;

/** The form in which a pack has the values of a type of PostgreSQL. */
export function packedKind(type: string): PackedKind {
  if (type === "double precision") return "real";
  return type === "bigint" || type === "integer" || type === "boolean" ? "number" : "text";
}

/** The codec of each type for the fields of a pack. Of JSON only what `isPlainPack` says is written without a look at it. */
export const unpacks: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["bigint", putBigint],
  ["integer", putInteger],
  ["boolean", putBoolean],
  ["double precision", putReal],
  ["text", (page, bytes, from, to) => putField(page, bytes, from, to, 0)],
  ["jsonb", putJson],
  ["bytea", putHex],
  ["timestamp with time zone", putInstant],
]);

const [semicolon, brace, bracket] = [0x3b, 0x7b, 0x5b];

/** Decimal digits that are a number below 2^53, whatever they are. */
const mostDigits = 15;

/** A whole number; undefined where it may not fit into a double. */
function wholeNumber(bytes: Buffer, from: number, to: number): number | undefined {
  const isNegative = bytes[from] === 0x2d;
  const first = isNegative ? from + 1 : from;
  if (to - first > mostDigits || to === first) return undefined;
  let value = 0;
  for (let at = first; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

function putBigint(page: Page, bytes: Buffer, from: number, to: number): boolean {
  makeRoom(page, 12);
  const value = wholeNumber(bytes, from, to);
  if (value === undefined) return codecs.get("bigint")?.(page, BigInt(textAt(bytes, from, to))) === undefined;
  const high = Math.floor(value / 4_294_967_296);
  page.at = putLong(page.view, page.at, high, value - high * 4_294_967_296);
  return true;
}

function putInteger(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const value = wholeNumber(bytes, from, to);
  if (value === undefined || value < -2_147_483_648 || value > 2_147_483_647) return false;
  makeRoom(page, 8);
  page.view.setInt32(page.at, 4);
  page.view.setInt32(page.at + 4, value);
  page.at += 8;
  return true;
}

function putBoolean(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const digit = bytes[from] as number;
  if (to - from !== 1 || (digit !== 0x30 && digit !== 0x31)) return false;
  makeRoom(page, 5);
  page.view.setInt32(page.at, 1);
  page.bytes[page.at + 4] = digit - 0x30;
  page.at += 5;
  return true;
}

const partsOfOne = 2 ** 60;

/** A real as its whole part and the rest in 2^-60: both are doubles, and so is their sum. */
function putReal(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const middle = bytes.indexOf(semicolon, from);
  makeRoom(page, 12);
  page.view.setInt32(page.at, 8);
  const value = Number(textAt(bytes, from, middle)) + Number(textAt(bytes, middle + 1, to)) / partsOfOne;
  page.view.setFloat64(page.at + 4, value);
  page.at += 12;
  return true;
}

function textAt(bytes: Buffer, from: number, to: number): string {
  return bytes.toString("latin1", from, to);
}

/** Shorter fields are copied here: a call into the engine costs more than it saves. */
const shortField = 48;

/** Writes bytes behind their length and `before` more bytes of their field. */
function putField(page: Page, bytes: Buffer, from: number, to: number, before: number): boolean {
  const size = to - from;
  makeRoom(page, 4 + before + size);
  page.view.setInt32(page.at, before + size);
  const at = page.at + 4 + before;
  if (size <= shortField) putBytes(page.bytes, at, bytes, from, to);
  else bytes.copy(page.bytes, at, from, to);
  page.at = at + size;
  return true;
}

function putJson(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const isUsual = to - from <= mostPlainJson && (bytes[from] === brace || bytes[from] === bracket);
  return (isUsual ? putJsonText : putDoubtfulJson)(page, bytes, from, to);
}

function putJsonText(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const start = page.at;
  putField(page, bytes, from, to, 1);
  page.bytes[start + 4] = 1;
  return true;
}

/** As the codec of JSON, with a look at each text. */
export function putDoubtfulJson(page: Page, bytes: Buffer, from: number, to: number): boolean {
  if (jsonRefusal(bytes.toString("utf8", from, to)) !== undefined) return false;
  return putJsonText(page, bytes, from, to);
}

/** JSON of fewer bytes has neither too many levels nor, without an exponent, numbers with too many digits. */
const mostPlainJson = 1_000;

/** A number with an exponent of four digits or more, in an object or a list. */
const greatExponent = /(?:"\s*:|[[,])\s*-?[0-9]+(?:\.[0-9]+)?[eE][-+]?0*[1-9][0-9]{3}/;

/** Whether no object or list of a pack, in JSON, has what JSONB may not hold: an escape that is no character, a number that is too great. */
export function isPlainPack(bytes: Buffer): boolean {
  return !bytes.includes("\\u") && !greatExponent.test(bytes.toString("latin1"));
}

const digitOf = new Uint8Array(256);
for (let digit = 0; digit < 16; digit++) digitOf["0123456789ABCDEF".charCodeAt(digit)] = digit;

function putHex(page: Page, bytes: Buffer, from: number, to: number): boolean {
  const size = (to - from) / 2;
  makeRoom(page, 4 + size);
  page.view.setInt32(page.at, size);
  let place = page.at + 4;
  for (let at = from; at < to; at += 2)
    page.bytes[place++] =
      ((digitOf[bytes[at] as number] as number) << 4) | (digitOf[bytes[at + 1] as number] as number);
  page.at = place;
  return true;
}

function putInstant(page: Page, bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== 27 || !isInstant(bytes, from)) return false;
  makeRoom(page, 12);
  page.at = putTime(page.view, page.at, bytes, from);
  return true;
}
