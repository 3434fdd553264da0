import type { Database } from "../../db/database.ts";
import { hydratePastRates, hydrateRates, hydrateSizeRules } from "../../sql/generated.ts";
import { many, one } from "../../sql/run.ts";

/** How large a table is, and how large it would be in the target. */
export interface TableSize {
  /** Bytes of its rows on the wire. */
  bytes: number;
  /** Bytes of the table in the target, what is stored beside it included. */
  table_bytes: number;
  index_bytes: number;
}

interface Sized extends TableSize {
  table_name: string;
  rows: number;
}

/** How long a copy would take. */
export interface Seconds {
  load: number;
  index: number;
  verify: number;
  total: number;
  /** Where the rates come from. */
  from: string;
}

/** Tables with their sizes in the target, from the measured rules. */
export async function estimateSize<T extends Sized>(database: Database, tables: readonly T[]): Promise<T[]> {
  const rules = await many(database, hydrateSizeRules, {});
  return tables.map((table) => {
    const rule =
      rules.find(({ table_name }) => table_name === table.table_name) ??
      rules.find(({ table_name }) => table_name === "");
    return {
      ...table,
      table_bytes: Math.round(table.bytes * (rule?.table_ratio ?? 1)),
      index_bytes: Math.round(table.rows * (rule?.index_row_bytes ?? 0)),
    };
  });
}

/** How long a copy of tables would take: from what was measured in the target before, else from the rates that are known. */
export async function estimateTime(
  target: Database,
  tables: readonly (Sized & { rows_to_copy: number; bytes_to_copy: number })[],
  isNew: boolean,
): Promise<Seconds> {
  const rates = await many(target, hydrateRates, {});
  const rateOf = (phase: string): number => rates.find((rate) => rate.phase === phase)?.per_second ?? 1;
  const sum = (of: (table: (typeof tables)[number]) => number): number =>
    tables.reduce((total, table) => total + of(table), 0);
  const past = isNew ? { byte_count: 0, seconds: 0 } : await one(target, hydratePastRates, {});
  const isKnown = past.seconds > 0;
  const load =
    sum((table) => table.bytes_to_copy) / (isKnown ? past.byte_count / past.seconds : rateOf("load"));
  // Indexes are built anew of what is empty; the rest is looked after row by row.
  const index = sum((table) => (table.rows_to_copy > 0 ? table.rows : 0)) / rateOf("index");
  const verify = sum((table) => table.rows) / rateOf("verify");
  const measured = rates[0]?.measured ?? "";
  return {
    ...{ load, index, verify, total: load + index + verify },
    from: isKnown ? `earlier runs into this target (load); ${measured} (the rest)` : measured,
  };
}
