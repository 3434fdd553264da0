import { isUtf8 } from "node:buffer";
import type { SqliteValue } from "./codec.ts";
import { keyText, type CopiedTable } from "./tables.ts";

/** A row that PostgreSQL cannot hold, or has refused. */
export interface RefusedRow {
  row_key: string;
  column_name: string;
  reason: string;
  detail: string;
  raw: Buffer;
  row_values: string;
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
