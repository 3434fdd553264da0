import type { Database } from "../../db/database.ts";
import { countRows } from "../../db/open-to-read.ts";
import {
  schemaOwnLocks,
  schemaOwnWork,
  schemaReferences,
  schemaRelations,
  schemaRootPages,
  type SchemaOwnWorkRow,
} from "../../sql/generated.ts";
import { quoted } from "../../db/texts.ts";
import type { Query } from "../../sql/run.ts";
import type { Cost } from "./costs.ts";
import type { Dialect } from "../files/files.ts";
import { lockModes, ruledLocks, type Work } from "../files/lock-rules.ts";
import { statementsOf, type Statement } from "../files/statements.ts";

/** Where something is measured: a transaction that is taken back. */
export interface Bench {
  dialect: Dialect;
  run(text: string): Promise<void>;
  rows<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
  /** What SQLite answers, each row as a list. */
  table(text: string): Promise<unknown[][]>;
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
  const early = new Map<string, Done>();
  // SQLite's one lock is there from the begin of the transaction on.
  let isLocked = dialect === "sqlite";
  let fixed = 0;
  for (const statement of unit.texts.flatMap((text) => statementsOf(text, dialect))) {
    const before = await stateOf(bench, statement);
    const began = performance.now();
    await bench.run(statement.text);
    const ms = performance.now() - began;
    const ruled = ruledLocks(statement, dialect) ?? [];
    const all = dialect === "sqlite" ? sqliteWork(before, ruled) : await postgresWork(bench, before, ruled);
    const found = new Map([...all].filter(([table]) => isThere.has(table)));
    const [most] = [...found].sort(([, one], [, other]) => other.rows - one.rows);
    const payer =
      most !== undefined && most[1].work !== "catalog" && most[1].rows >= leastRows ? most : undefined;
    isLocked ||= [...found.values()].some(({ lock }) => isStrong(lock));
    if (payer === undefined) fixed += ms;
    else if (!isLocked) {
      const [table, one] = payer;
      early.set(table, { ...one, lock: "-", ms: ms + (early.get(table)?.ms ?? 0) });
      continue;
    }
    for (const [table, one] of found) {
      const known = done.get(table) ?? { lock: one.lock, work: one.work, ms: 0, rows: one.rows };
      known.rows = Math.max(known.rows, one.rows);
      if (strengthOf(one.lock) > strengthOf(known.lock)) known.lock = one.lock;
      if (works.indexOf(one.work) > works.indexOf(known.work)) known.work = one.work;
      if (table === payer?.[0]) known.ms += ms;
      done.set(table, known);
    }
  }
  return costsFrom(bench, unit, fixed, [...early, ...done]);
}

/** Whether others see a lock: those who change the schema at least. */
function isStrong(lock: string): boolean {
  return strengthOf(lock) >= lockModes.indexOf("ROW EXCLUSIVE");
}

/** What it takes on SQLite to look at the references of all rows, as is done before each commit of a changed schema. */
export async function measureReferences(bench: Bench): Promise<Cost[]> {
  if (bench.dialect === "postgres") return [];
  const date = new Date().toISOString().slice(0, 10);
  const found: Cost[] = [];
  const referring = (await bench.rows(schemaReferences, {})).map(({ table_name }) => table_name);
  for (const table of new Set(referring)) {
    const rows = bench.count(table);
    if (rows < leastRows) continue;
    const began = performance.now();
    await bench.table(`pragma foreign_key_check(${quoted(table)})`);
    const slope = rounded(((performance.now() - began) / rows) * 1_000_000);
    found.push({
      ...{ dialect: "sqlite", migration: "references", digest: "-", table, lock: "-", work: "scan" },
      ...{ fixed_ms: 0, per_million_ms: slope, measured: `${date}, ${bench.engine}, ${rows} rows` },
    });
  }
  return found;
}

function costsFrom(
  bench: Bench,
  unit: Unit,
  fixed: number,
  done: readonly (readonly [string, Done])[],
): Cost[] {
  const { dialect, engine } = bench;
  const { migration, digest } = unit;
  const most = Math.max(0, ...done.filter(([, { ms }]) => ms > 0).map(([, { rows }]) => rows));
  const measured = `${new Date().toISOString().slice(0, 10)}, ${engine}, ${most} rows`;
  const common = { dialect, migration, digest, measured };
  const tables = done.toSorted(([one], [other]) => (one < other ? -1 : 1));
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

async function stateOf(bench: Bench, statement: Statement): Promise<State> {
  if (bench.dialect === "postgres") {
    const rows = await bench.rows(schemaOwnWork, {});
    return new Map(rows.map((row) => [row.name, row]));
  }
  const state: State = new Map();
  const add = (name: string, row_count: number, rows_read: number): void =>
    void state.set(name, { oid: 0, name, file: 0, row_count, rows_read, rows_written: 0 });
  for (const name of await readInSqlite(bench, statement.text)) {
    const rows = bench.count(name);
    add(name, rows, rows);
  }
  for (const { table, work } of ruledLocks(statement, "sqlite") ?? [])
    add(table, work === "catalog" ? 0 : bench.count(table), 0);
  return state;
}

/** The tables that a statement reads from one end to the other, as its program says. */
async function readInSqlite(bench: Bench, text: string): Promise<Set<string>> {
  const query = await bench.table(`explain query plan ${text}`);
  if (!query.some(([, , , detail]) => /^SCAN (?!(\d+ )?CONSTANT)/.test(String(detail)))) return new Set();
  const pages = await bench.rows(schemaRootPages, {});
  const roots = new Map(pages.map(({ page, table_name }) => [Number(page), table_name]));
  const opened = new Map<number, string>();
  const read = new Set<string>();
  for (const [, opcode, p1, p2] of await bench.table(`explain ${text}`)) {
    const name = opcode === "OpenRead" ? roots.get(Number(p2)) : undefined;
    if (name !== undefined) opened.set(Number(p1), name);
    // The loop's end names the cursor that has gone on by a row.
    const gone =
      opcode === "Next" || opcode === "Prev" || opcode === "Count" ? opened.get(Number(p1)) : undefined;
    if (gone !== undefined) read.add(gone);
  }
  return read;
}

function sqliteWork(before: State, ruled: Ruled): Map<string, Done> {
  const read = [...before.values()].filter(({ rows_read }) => rows_read >= leastRows);
  return new Map([
    ...read.map(({ name, row_count }): [string, Done] => [
      name,
      { lock: "READ", work: "scan", ms: 0, rows: row_count },
    ]),
    ...ruled
      .filter(({ table }) => (before.get(table)?.row_count ?? -1) >= 0)
      .map(({ table, lock, work }): [string, Done] => [
        table,
        { lock, work, ms: 0, rows: before.get(table)?.row_count ?? 0 },
      ]),
  ]);
}

async function postgresWork(bench: Bench, before: State, ruled: Ruled): Promise<Map<string, Done>> {
  const after = new Map((await bench.rows(schemaOwnWork, {})).map((row) => [row.oid, row]));
  const held = new Map<number, string>();
  for (const { oid, lock } of await bench.rows(schemaOwnLocks, {}))
    if (strengthOf(lock) > strengthOf(held.get(oid) ?? "")) held.set(oid, lock);
  const found = new Map<string, Done>();
  for (const [name, was] of before) {
    const lock = held.get(was.oid) ?? "";
    const is = after.get(was.oid);
    // A table that is only read stops nobody; it is told where the time is that of its rows.
    const readRows = (is?.rows_read ?? was.rows_read) - was.rows_read;
    const isReadWhole = was.row_count >= leastRows && readRows >= was.row_count / 2;
    if (!isStrong(lock) && !isReadWhole) continue;
    const byRule = ruled.find(({ table }) => name === table || name.endsWith(`.${table}`))?.work ?? "catalog";
    const seen: Work =
      is === undefined
        ? "catalog"
        : is.file !== was.file
          ? "rewrite"
          : readRows > 0 && readRows >= was.row_count / 2
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
