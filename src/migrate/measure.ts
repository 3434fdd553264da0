import type { Database } from "../db/database.ts";
import { countRows } from "../db/open-to-read.ts";
import { schemaOwnLocks, schemaOwnWork, schemaRelations, type SchemaOwnWorkRow } from "../sql/generated.ts";
import type { Query } from "../sql/run.ts";
import type { Cost } from "./costs.ts";
import type { Dialect } from "./files.ts";
import { lockModes, ruledLocks, type Work } from "./lock-rules.ts";
import { statementsOf } from "./statements.ts";

/** Where something is measured: a transaction that is taken back. */
export interface Bench {
  dialect: Dialect;
  run(text: string): Promise<void>;
  rows<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
  /** How many rows a table of SQLite has. */
  count(table: string): number;
  /** As `PostgreSQL 18.4`. */
  engine: string;
}

/** A file, or all procedures, that is measured as one. */
export interface Unit {
  migration: string;
  digest: string;
  texts: readonly string[];
}

/** What the statements of a unit have done to a table. */
interface Done {
  lock: string;
  work: Work;
  ms: number;
  rows: number;
}

const works: readonly Work[] = ["catalog", "rows", "scan", "rewrite"];
/** With fewer rows the time is that of a statement, not of its rows. */
const leastRows = 10_000;

/** Runs a unit statement by statement and gives what it costs; the tables that it makes itself are nobody's yet. */
export async function measureUnit(bench: Bench, unit: Unit): Promise<Cost[]> {
  const { dialect } = bench;
  const done = new Map<string, Done>();
  const there = await bench.rows(schemaRelations, {});
  const isThere = new Set(there.map(({ table_name }) => table_name));
  let fixed = 0;
  for (const statement of unit.texts.flatMap((text) => statementsOf(text, dialect))) {
    const before = await stateOf(bench, statement.words);
    const began = performance.now();
    await bench.run(statement.text);
    const ms = performance.now() - began;
    const ruled = ruledLocks(statement, dialect) ?? [];
    const all = dialect === "sqlite" ? sqliteWork(before, ruled) : await postgresWork(bench, before, ruled);
    const found = new Map([...all].filter(([table]) => isThere.has(table)));
    const [most] = [...found].sort(([, one], [, other]) => other.rows - one.rows);
    const payer =
      most !== undefined && most[1].work !== "catalog" && most[1].rows >= leastRows ? most : undefined;
    if (payer === undefined) fixed += ms;
    for (const [table, one] of found) {
      const known = done.get(table) ?? { lock: one.lock, work: one.work, ms: 0, rows: one.rows };
      if (strengthOf(one.lock) > strengthOf(known.lock)) known.lock = one.lock;
      if (works.indexOf(one.work) > works.indexOf(known.work)) known.work = one.work;
      if (table === payer?.[0]) known.ms += ms;
      done.set(table, known);
    }
  }
  return costsFrom(bench, unit, fixed, done);
}

function costsFrom(bench: Bench, unit: Unit, fixed: number, done: ReadonlyMap<string, Done>): Cost[] {
  const { dialect, engine } = bench;
  const { migration, digest } = unit;
  const most = Math.max(0, ...[...done.values()].filter(({ ms }) => ms > 0).map(({ rows }) => rows));
  const measured = `${new Date().toISOString().slice(0, 10)}, ${engine}, ${most} rows`;
  const common = { dialect, migration, digest, measured };
  const tables = [...done].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    { ...common, table: "-", lock: "-", work: "catalog", fixed_ms: rounded(fixed), per_million_ms: 0 },
    ...tables.map(([table, { lock, work, ms, rows }]): Cost => ({
      ...common,
      ...{ table, lock, work, fixed_ms: 0, per_million_ms: ms === 0 ? 0 : rounded((ms / rows) * 1_000_000) },
    })),
  ];
}

type State = Map<string, SchemaOwnWorkRow>;
type Ruled = NonNullable<ReturnType<typeof ruledLocks>>;

async function stateOf(bench: Bench, words: string): Promise<State> {
  if (bench.dialect === "postgres") {
    const rows = await bench.rows(schemaOwnWork, {});
    return new Map(rows.map((row) => [row.name, row]));
  }
  const state: State = new Map();
  for (const { table, work } of ruledLocks({ text: "", words }, "sqlite") ?? []) {
    const row_count = work === "catalog" ? 0 : bench.count(table);
    state.set(table, { oid: 0, name: table, file: 0, row_count, rows_read: 0, rows_written: 0 });
  }
  return state;
}

function sqliteWork(before: State, ruled: Ruled): Map<string, Done> {
  return new Map(
    ruled
      .filter(({ table }) => (before.get(table)?.row_count ?? -1) >= 0)
      .map(({ table, lock, work }) => [
        table,
        { lock, work, ms: 0, rows: before.get(table)?.row_count ?? 0 },
      ]),
  );
}

async function postgresWork(bench: Bench, before: State, ruled: Ruled): Promise<Map<string, Done>> {
  const after = new Map((await bench.rows(schemaOwnWork, {})).map((row) => [row.oid, row]));
  const held = new Map<number, string>();
  for (const { oid, lock } of await bench.rows(schemaOwnLocks, {}))
    if (strengthOf(lock) > strengthOf(held.get(oid) ?? "")) held.set(oid, lock);
  const found = new Map<string, Done>();
  for (const [name, was] of before) {
    const lock = held.get(was.oid) ?? "";
    if (strengthOf(lock) < lockModes.indexOf("ROW EXCLUSIVE")) continue;
    const is = after.get(was.oid);
    const byRule = ruled.find(({ table }) => name === table || name.endsWith(`.${table}`))?.work ?? "catalog";
    const seen: Work =
      is === undefined
        ? "catalog"
        : is.file !== was.file
          ? "rewrite"
          : is.rows_read - was.rows_read > 0 && is.rows_read - was.rows_read >= was.row_count / 2
            ? "scan"
            : is.rows_written > was.rows_written
              ? "rows"
              : "catalog";
    const work = works.indexOf(seen) > works.indexOf(byRule) ? seen : byRule;
    found.set(name, { lock, work, ms: 0, rows: was.row_count });
  }
  return found;
}

function strengthOf(lock: string): number {
  return lock === "WRITE" ? lockModes.length : lockModes.indexOf(lock as (typeof lockModes)[number]);
}

function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}

/** A count of a table that may not be there: -1. */
export function countOrNone(database: Database, table: string): number {
  if (database.dialect === "postgres") return -1;
  try {
    return countRows(database, table);
  } catch {
    return -1;
  }
}
