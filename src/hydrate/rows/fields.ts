import type { CopiedColumn, CopiedTable } from "./tables.ts";

// Rows as COPY's binary form has them: the number of fields, and each with its length before it, -1 for NULL.

/** The fields of a row, in the order of its columns; undefined for NULL. */
export function fieldsOf(row: Buffer): (Buffer | undefined)[] {
  const fields: (Buffer | undefined)[] = [];
  let at = 2;
  for (let left = row.readInt16BE(0); left > 0; left--) {
    const length = row.readInt32BE(at);
    at += 4;
    fields.push(length < 0 ? undefined : row.subarray(at, at + length));
    at += Math.max(0, length);
  }
  return fields;
}

/** Which of two rows of a table comes first in the order of the key: less than 0 for the first. */
export function compareRows(
  places: readonly number[],
  table: CopiedTable,
  ours: readonly (Buffer | undefined)[],
  theirs: readonly (Buffer | undefined)[],
): number {
  for (const place of places) {
    const [a, b] = [ours[place] ?? nothing, theirs[place] ?? nothing];
    const order = isNumber(table.columns[place]) ? compareNumbers(a, b) : Buffer.compare(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

const nothing = Buffer.alloc(0);

function isNumber(column: CopiedColumn | undefined): boolean {
  return column?.type === "bigint" || column?.type === "integer";
}

function compareNumbers(a: Buffer, b: Buffer): number {
  const [one, other] = [numberOf(a), numberOf(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function numberOf(field: Buffer): bigint {
  return field.length === 8 ? field.readBigInt64BE(0) : BigInt(field.readInt32BE(0));
}

/** The places of a key's columns, in its order. */
export function keyPlaces({ columns }: CopiedTable): number[] {
  return columns
    .flatMap(({ key }, place) => (key > 0 ? [{ key, place }] : []))
    .sort((a, b) => a.key - b.key)
    .map(({ place }) => place);
}

/** A field as text; null for NULL. */
export function wholeField(column: CopiedColumn, field: Buffer | undefined): string | null {
  return field === undefined ? null : textOf(column.type, field);
}

const mostShown = 200;

/** A field as a person reads it, its first characters; null for NULL. */
export function shownField(column: CopiedColumn, field: Buffer | undefined): string | null {
  const text = wholeField(column, field);
  if (text === null) return null;
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}

function textOf(type: string, field: Buffer): string {
  if (type === "bigint" || type === "integer") return String(numberOf(field));
  if (type === "boolean") return field[0] === 1 ? "true" : "false";
  if (type === "double precision") return String(field.readDoubleBE(0));
  if (type === "bytea") return field.toString("hex");
  if (type === "jsonb") return field.toString("utf8", 1);
  return type === "timestamp with time zone" ? instantOf(field.readBigInt64BE(0)) : field.toString();
}

const epochOfServer = 946_684_800_000n;

/** Microseconds since 2000 as text; with their number where no calendar has them. */
function instantOf(microseconds: bigint): string {
  const rest = ((microseconds % 1000n) + 1000n) % 1000n;
  const milliseconds = (microseconds - rest) / 1000n + epochOfServer;
  const date = new Date(Number(milliseconds));
  return Number.isNaN(date.getTime())
    ? `${microseconds} µs since 2000`
    : date.toISOString().replace("Z", `${String(rest).padStart(3, "0")}Z`);
}
