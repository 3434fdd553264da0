import { gunzipSync, gzipSync } from "node:zlib";
import { newPage, type SqliteValue } from "./codec.ts";
import { canonicalJson } from "./codec-json.ts";
import { putCanonicalJson } from "./canonical-json.ts";
import type { CopiedTable } from "./tables.ts";

/** The JSON texts of a part that its JSONB does not tell: by key of the row and column. */
export type KeptTexts = Map<string, string>;

/** The place of a value in `KeptTexts`. */
export function textPlace(rowKey: string, column: string): string {
  return `${rowKey} ${column}`;
}

/** The places of the columns whose texts are kept; a payload's is in the evidence of its batch. */
export function keptColumns(table: CopiedTable): number[] {
  if (table.name === "raw_events") return [];
  return table.columns.flatMap(({ type }, index) => (type === "jsonb" ? [index] : []));
}

/** Notes the texts of a row that their JSONB does not tell. */
export function keepTexts(
  kept: KeptTexts,
  table: CopiedTable,
  columns: readonly number[],
  rowKey: () => string,
  row: readonly SqliteValue[],
): void {
  for (const index of columns) {
    const value = row[index];
    if (value === null || value === undefined) continue;
    const text = typeof value === "object" ? Buffer.from(value).toString() : String(value);
    if (!isTold(text)) kept.set(textPlace(rowKey(), table.columns[index]?.name ?? ""), text);
  }
}

/** The form that a JSON text has where nothing else is known: that of JSONB without its blanks. */
export function plainText(canonical: string): string {
  return canonical.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|[:,] /g, (found) =>
    found.startsWith('"') ? found : found.charAt(0),
  );
}

function isTold(text: string): boolean {
  try {
    return text === "{}" || plainText(canonicalJson(text)) === text;
  } catch {
    // No JSON: PostgreSQL refuses it too.
    return false;
  }
}

/** Kept texts as they are stored; null for none. */
export function packTexts(kept: KeptTexts): Buffer | null {
  return kept.size === 0 ? null : gzipSync(JSON.stringify([...kept]), { level: 1 });
}

/** What `packTexts` has packed. */
export function unpackTexts(packed: Uint8Array | null): KeptTexts {
  return packed === null
    ? new Map()
    : new Map(JSON.parse(gunzipSync(packed).toString()) as [string, string][]);
}

const page = newPage(1_024);

/** Whether a JSON text becomes this JSONB, which has its version before it. */
export function isTextOf(text: Uint8Array, jsonb: Buffer): boolean {
  page.at = 0;
  if (putCanonicalJson(page, text) !== undefined) return false;
  return page.bytes.subarray(4, page.at).equals(jsonb);
}
