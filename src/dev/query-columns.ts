import type DatabaseHandle from "better-sqlite3";
import type postgres from "postgres";
import { CowriedbError, messageOf } from "../errors.ts";
import type { QueryFile } from "./query-files.ts";

/** What a value is in TypeScript, on both engines. */
export type Kind = "number" | "string" | "boolean" | "bytes";

/** A column of a result. */
export interface Column {
  name: string;
  kind: Kind;
  notNull: boolean;
}

/** A column as SQLite tells it: nothing of the kind of an expression. */
export interface SqliteColumn {
  name: string;
  kind: Kind | undefined;
  notNull: boolean;
}

/** What the engines say of a query. */
export interface Described {
  columns: Column[];
  parameters: { name: string; kind: Kind }[];
}

/** Kinds of PostgreSQL's types by their number. A numeric comes as text, so it must be cast to another type. */
const postgresKinds: Record<number, Kind> = {
  16: "boolean",
  17: "bytes",
  18: "string",
  19: "string",
  20: "number",
  21: "number",
  23: "number",
  25: "string",
  26: "number",
  114: "string",
  700: "number",
  701: "number",
  1042: "string",
  1043: "string",
  1184: "string",
  2278: "string",
  3802: "string",
};

const sqliteKinds: Record<string, Kind> = {
  INTEGER: "number",
  REAL: "number",
  TEXT: "string",
  BLOB: "bytes",
};

/** A join that can turn a NOT NULL column into NULL. */
const outerJoin = /\b(left|right|full)\s+(outer\s+)?join\b/i;

/** The columns of a query on SQLite. Throws `dev.query` when SQLite does not take it. */
export function describeSqlite(handle: DatabaseHandle.Database, query: QueryFile): SqliteColumn[] {
  let statement: DatabaseHandle.Statement;
  try {
    statement = handle.prepare(query.sqlite);
  } catch (cause) {
    throw new CowriedbError("dev.query", `SQLite refuses the query ${query.name}: ${messageOf(cause)}.`, {
      cause,
    });
  }
  if (!statement.reader) return [];
  return statement.columns().map((column) => ({
    name: column.name,
    kind: sqliteKinds[column.type?.toUpperCase() ?? ""],
    notNull:
      column.table !== null &&
      column.column !== null &&
      !outerJoin.test(query.sqlite) &&
      isNotNull(handle, column.table, column.column),
  }));
}

function isNotNull(handle: DatabaseHandle.Database, table: string, name: string): boolean {
  const row = handle.prepare(`select * from pragma_table_xinfo(?) where name = ?`).get(table, name) as
    { notnull: number; pk: number } | undefined;
  return row !== undefined && (row.notnull === 1 || row.pk > 0);
}

/** The columns and parameters of a query on PostgreSQL. Throws `dev.query` when PostgreSQL does not take it. */
export async function describePostgres(sql: postgres.Sql, query: QueryFile): Promise<Described> {
  let statement: Awaited<ReturnType<postgres.PendingQuery<[]>["describe"]>>;
  try {
    statement = await sql.unsafe(query.postgres).describe();
  } catch (cause) {
    throw new CowriedbError("dev.query", `PostgreSQL refuses the query ${query.name}: ${messageOf(cause)}.`, {
      cause,
    });
  }
  const isInner = !outerJoin.test(query.postgres);
  const columns: Column[] = [];
  for (const column of statement.columns as unknown as {
    name: string;
    type: number;
    table: number;
    number: number;
  }[]) {
    const [found] =
      column.table === 0
        ? []
        : await sql`select attnotnull from pg_attribute where attrelid = ${column.table} and attnum = ${column.number}`;
    columns.push({
      name: column.name,
      kind: postgresKind(column.type, query, column.name),
      notNull: isInner && found?.["attnotnull"] === true,
    });
  }
  const types = statement.types as unknown as number[];
  const parameters = query.parameters.map((name, index) => ({
    name,
    kind: postgresKind(types[index] ?? 0, query, `:${name}`),
  }));
  return { columns, parameters };
}

function postgresKind(type: number, query: QueryFile, what: string): Kind {
  const kind = postgresKinds[type];
  if (kind !== undefined) return kind;
  const advice =
    type === 1700 ? "Cast the numeric to bigint or double precision." : "Cast it to a plain type.";
  throw new CowriedbError(
    "dev.query",
    `The query ${query.name} has ${what} of PostgreSQL's type number ${type}.`,
    {
      hint: advice,
    },
  );
}

/** Joins what the engines say. Throws `dev.parity` when they disagree on names or kinds of columns. */
export function agreed(query: QueryFile, sqlite: SqliteColumn[], told: Described): Described {
  checkShape(query, "sqlite", query.sqlite, sqlite);
  checkShape(query, "postgres", query.postgres, told.columns);
  if (query.returns === "none") return { columns: [], parameters: told.parameters };
  const columns = joined(query, sqlite, told.columns);
  for (const name of query.notNull) {
    if (!columns.some((column) => column.name === name)) {
      throw new CowriedbError(
        "dev.query",
        `The query ${query.name} has no column ${name}, named in Not null.`,
      );
    }
  }
  return {
    columns: columns.map((column) => ({
      ...column,
      notNull: column.notNull || query.notNull.includes(column.name),
    })),
    parameters: told.parameters,
  };
}

/** A dialect that has nothing to do says `select 1` in a query that returns none. */
function checkShape(
  query: QueryFile,
  dialect: string,
  text: string,
  columns: readonly { name: string }[],
): void {
  const gives = columns.length > 0 && text.toLowerCase() !== "select 1";
  if (gives === (query.returns === "none") && text.toLowerCase() !== "select 1") {
    throw new CowriedbError(
      "dev.query",
      `The query ${query.name} says Returns: ${query.returns}, but in ${dialect} it gives ${columns.length} columns.`,
    );
  }
  const names = columns.map((column) => column.name);
  const odd = names.find((name) => query.returns !== "none" && !/^[a-z][a-z0-9_]*$/.test(name));
  if (odd !== undefined) {
    throw new CowriedbError(
      "dev.query",
      `The query ${query.name} has a column without a plain name in ${dialect}: ${odd}.`,
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new CowriedbError("dev.query", `The query ${query.name} has two columns ${twice} in ${dialect}.`);
  }
}

function joined(query: QueryFile, sqlite: SqliteColumn[], postgresColumns: Column[]): Column[] {
  const names = sqlite.map((column) => column.name).join(", ");
  const others = postgresColumns.map((column) => column.name).join(", ");
  if (names !== others) {
    throw new CowriedbError(
      "dev.parity",
      `The engines disagree on the columns of ${query.name}: SQLite has ${names}; PostgreSQL has ${others}.`,
    );
  }
  return postgresColumns.map((column, index) => {
    const twin = sqlite[index] ?? column;
    const pairs = twin.kind === undefined || twin.kind === column.kind;
    if (!pairs && !(column.kind === "boolean" && twin.kind === "number")) {
      throw new CowriedbError(
        "dev.parity",
        `The engines disagree on ${column.name} of ${query.name}: ${twin.kind} in SQLite, ${column.kind} in PostgreSQL.`,
        { hint: "Cast it in one of them, or write a file for each dialect." },
      );
    }
    // PostgreSQL does not see through a view, SQLite does not know of a domain: a promise of either one holds.
    return { ...column, notNull: column.notNull || twin.notNull };
  });
}
