import type { Database } from "../../src/db/database.ts";
import { typed } from "./database.ts";

/** The columns that the order law does not cover. */
const beyondTheLaw = new Set([
  "created_at",
  "updated_at",
  "summary_id",
  "snapshot_job_id",
  "enrichment",
  "enrichment_at",
  "command_digest",
]);

/** Derived tables and their keys. */
export const derivedTables = {
  session_summaries: ["session_id"],
  command_stats: ["session_id", "command"],
  session_files: ["session_id", "shasum"],
} as const;

/** The rows of a derived table in a form that every engine and every load of the same lines gives alike. */
export async function canonicalRows(
  database: Database,
  table: keyof typeof derivedTables,
): Promise<string[]> {
  const rows = await typed(database, `select * from ${table}`);
  return rows.map((row) => JSON.stringify(canonicalRow(row))).sort();
}

/** All derived tables of a store. */
export async function canonicalTables(database: Database): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const table of Object.keys(derivedTables) as (keyof typeof derivedTables)[]) {
    tables[table] = await canonicalRows(database, table);
  }
  return tables;
}

/** The events of a store without their numbers: identity, flags and every generated column. */
export async function canonicalEvents(database: Database): Promise<string[]> {
  const columns =
    "session_id, occurred_at, line_digest, flags, canonical_ip, canonical_type, event_type, src_ip, sensor, protocol, username, password, input, shasum, url, hassh, client_version, duration_ms";
  const rows = await typed(database, `select ${columns} from raw_events`);
  return rows.map((row) => JSON.stringify(canonicalRow(row))).sort();
}

/** A row without what the order law does not cover. */
export function canonicalRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => !beyondTheLaw.has(name))
      .map(([name, value]) => [name, canonicalValue(value)])
      .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
  );
}

function canonicalValue(value: unknown): unknown {
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return value;
}
