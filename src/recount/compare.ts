import type { Recount } from "./types.ts";

/** Rows of one table, in the canonical form; further columns are left alone. */
export type Rows = AsyncIterable<object> | Iterable<object>;

/** The rows that a store holds. */
export interface StoreRows {
  session_summaries: Rows;
  command_stats: Rows;
  session_files: Rows;
}

export type TableName = keyof StoreRows;

/** One value that differs. Where a whole row is missing, `column` is null and the side that has it says "row". */
export interface Difference {
  table: TableName;
  key: string[];
  column: string | null;
  store: unknown;
  recounted: unknown;
}

/** What a comparison found, by table; the keys are those of the JSON answer. */
export interface TableTotals {
  compared: number;
  missing_in_store: number;
  missing_in_files: number;
  differing_rows: number;
  differing_values: number;
}

/** The differences, at most `limit` of them, and how many there are. */
export interface Comparison {
  differences: Difference[];
  totals: Record<TableName, TableTotals>;
  /** Rows missing on either side and differing values, of all tables. */
  total: number;
}

interface TableKind {
  table: TableName;
  keys: readonly string[];
  counts: ReadonlyMap<string, object>;
}

/** Holds the tables of a store against a recount of the files they came from. */
export async function compareRecount(recount: Recount, rows: StoreRows, limit = 100): Promise<Comparison> {
  const kinds: TableKind[] = [
    { table: "session_summaries", keys: ["session_id"], counts: recount.sessions },
    { table: "command_stats", keys: ["session_id", "command"], counts: recount.commands },
    { table: "session_files", keys: ["session_id", "shasum"], counts: recount.files },
  ];
  const differences: Difference[] = [];
  const note = (difference: Difference): void => {
    if (differences.length < limit) differences.push(difference);
  };
  const totals = {
    session_summaries: emptyTotals(),
    command_stats: emptyTotals(),
    session_files: emptyTotals(),
  };
  for (const kind of kinds) await compareTable(kind, rows[kind.table], totals[kind.table], note);
  const total = Object.values(totals)
    .map((t) => t.missing_in_store + t.missing_in_files + t.differing_values)
    .reduce((sum, count) => sum + count, 0);
  return { differences, totals, total };
}

function emptyTotals(): TableTotals {
  return { compared: 0, missing_in_store: 0, missing_in_files: 0, differing_rows: 0, differing_values: 0 };
}

async function compareTable(
  kind: TableKind,
  rows: Rows,
  totals: TableTotals,
  note: (difference: Difference) => void,
): Promise<void> {
  const { table } = kind;
  const seen = new Set<string>();
  for await (const row of rows) {
    const stored = row as Record<string, unknown>;
    const key = kind.keys.map((column) => String(stored[column]));
    const at = key.join("\u0000");
    const counted = kind.counts.get(at);
    if (counted === undefined || seen.has(at)) {
      totals.missing_in_files += 1;
      note({ table, key, column: null, store: "row", recounted: null });
      continue;
    }
    seen.add(at);
    totals.compared += 1;
    let differing = 0;
    for (const [column, value] of Object.entries(counted)) {
      const held = canonical(stored[column]);
      if (held === value) continue;
      differing += 1;
      note({ table, key, column, store: held, recounted: value });
    }
    totals.differing_values += differing;
    if (differing > 0) totals.differing_rows += 1;
  }
  for (const at of kind.counts.keys()) {
    if (seen.has(at)) continue;
    totals.missing_in_store += 1;
    note({ table, key: at.split("\u0000"), column: null, store: null, recounted: "row" });
  }
}

/** A value as a recount would hold it: booleans and big integers are numbers. */
function canonical(value: unknown): unknown {
  return typeof value === "boolean" || typeof value === "bigint" ? Number(value) : value;
}
