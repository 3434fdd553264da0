import type { Plain } from "./plain.ts";

/** A round of mutations that are made at once: where each makes its choices, and what others of the round have touched. */
export interface Turn {
  pick: (below: number) => number;
  batches: Set<number>;
  sessions: Set<string>;
}

/** A row as the driver gives it. */
export type Row = Record<string, unknown>;

/** The tables that are mutated, and their keys. */
export const keys: Record<string, string> = {
  raw_events: "event_id",
  batch_evidence: "batch_id",
  ingest_batches: "batch_id",
  dead_letter_events: "dead_letter_id",
  duplicate_sightings: "event_id, batch_id",
  session_summaries: "session_id",
  command_stats: "session_id, command",
  session_files: "session_id, shasum",
};

/** Chooses a row that no other mutation of the round has touched; undefined where there is none. */
export async function pickRow(
  plain: Plain,
  table: string,
  turn: Turn,
  condition = "true",
): Promise<Row | undefined> {
  const where = `${condition} and ${untouched(plain, table, turn)}`;
  const [count] = await plain.rows(`select count(*) as n from ~${table} where ${where}`);
  const rows = Number(count?.["n"]);
  if (rows === 0) return undefined;
  const [row] = await plain.rows(
    `select * from ~${table} where ${where} order by ${keys[table] ?? ""} limit 1 offset ${turn.pick(rows)}`,
  );
  return row;
}

/** Leaves out what another mutation of the round has touched. */
function untouched(plain: Plain, table: string, { batches, sessions }: Turn): string {
  const isDerived = keys[table]?.startsWith("session_id") === true;
  const taken = isDerived ? [...sessions].map((session) => literal(plain, session)) : [...batches];
  if (taken.length === 0) return "true";
  return `${isDerived ? "session_id" : "batch_id"} not in (${taken.join(", ")})`;
}

/** The condition that finds a row again. */
export function whereOf(plain: Plain, table: string, row: Row): string {
  return (keys[table] ?? "")
    .split(", ")
    .map((key) => `${key} = ${literal(plain, row[key])}`)
    .join(" and ");
}

/** A value of a row as SQL text. */
export function literal(plain: Plain, value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Uint8Array) return plain.bytes(Buffer.from(value).toString("hex"));
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  const text = value instanceof Date ? value.toISOString() : String(value as string);
  // A plain connection takes `~` for the schema, so no such sign may stand in a literal.
  if (plain.dialect === "sqlite") return `cast(${plain.bytes(Buffer.from(text).toString("hex"))} as text)`;
  const escaped = [...text].map((letter) =>
    /[A-Za-z0-9]/.test(letter) ? letter : `\\+${(letter.codePointAt(0) ?? 0).toString(16).padStart(6, "0")}`,
  );
  // Without a type, for a bigint comes as text.
  return `u&'${escaped.join("")}'`;
}
