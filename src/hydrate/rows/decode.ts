import type { Parameter } from "../../db/database.ts";
import type { Refusal, SqliteValue } from "./codec.ts";
import { wholeField } from "./fields.ts";
import type { CopiedColumn } from "./tables.ts";

/** What SQLite stores for a value of PostgreSQL; or why it cannot hold it. A text is given as its bytes. */
export type Decoded = { value: Parameter } | { refusal: Refusal };

type Decoder = (field: Buffer, column: CopiedColumn) => Decoded;

/** The way back of `codecs`, for the same types: from a field of COPY's binary form. JSON is given as JSONB has it. */
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["bigint", (field) => ({ value: wholeNumber(field) })],
  ["integer", (field) => ({ value: field.readInt32BE(0) })],
  ["boolean", (field) => ({ value: field[0] ?? 0 })],
  ["double precision", takeDouble],
  ["text", (field) => ({ value: field })],
  ["jsonb", (field) => ({ value: field.subarray(1) })],
  ["bytea", (field) => ({ value: field })],
  ["timestamp with time zone", takeInstant],
]);

/** The decoder of a column. */
export function decoderOf({ type }: CopiedColumn): Decoder {
  const decoder = decoders.get(type);
  if (decoder === undefined) throw new TypeError(`no value of type ${type} is copied`);
  return decoder;
}

function wholeNumber(field: Buffer): number | bigint {
  const high = field.readInt32BE(0);
  if (high >= 0 && high < 0x20_0000) return high * 4_294_967_296 + field.readUInt32BE(4);
  return field.readBigInt64BE(0);
}

/** SQLite makes NULL of what is no number. */
function takeDouble(field: Buffer): Decoded {
  const value = field.readDoubleBE(0);
  return Number.isNaN(value) ? { refusal: "number_range" } : { value };
}

/** The form of 27 characters has years of four digits, from 1 on. */
function takeInstant(field: Buffer, column: CopiedColumn): Decoded {
  const value = wholeField(column, field) ?? "";
  return value.length === 27 && !value.startsWith("0000") ? { value } : { refusal: "not_an_instant" };
}

/** A value that `keep` of the quarantine has written, as SQLite had it. */
export function keptValue(kept: unknown): SqliteValue {
  if (kept === null || typeof kept !== "object") return null;
  const [[kind, value] = ["", null]] = Object.entries(kept as Record<string, string | number>);
  // In a column of whole numbers that was not strict there may be others.
  if (kind === "integer" && /^-?\d+$/.test(String(value))) return BigInt(value ?? 0);
  if (kind === "integer" || kind === "real") return Number(value);
  return kind === "text" ? Buffer.from(String(value)) : Buffer.from(String(value), "hex");
}
