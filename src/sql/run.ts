import type { Statement } from "better-sqlite3";
import type { Database, Parameter } from "../db/database.ts";
import type { Sqlite } from "../db/sqlite.ts";
import type { PostgresConnection } from "../db/postgres.ts";
import { CowriedbError } from "../errors.ts";

/** A named query of `sql/`, as `npm run gen` writes it. `P` are its parameters, `R` is a row of its result. */
export interface Query<P, R> {
  readonly name: string;
  readonly sqlite: string;
  readonly postgres: string;
  /** The parameters in the order of `$1`, `$2`, …. */
  readonly parameters: readonly string[];
  /** For the type checker alone; never set. */
  readonly types?: { parameters: P; row: R };
}

const statements = new WeakMap<object, Map<string, Statement>>();

/** The prepared statement of a query on a SQLite store, kept for the next call. */
export function prepared(store: Sqlite, query: Query<never, unknown>): Statement {
  let known = statements.get(store.handle);
  if (known === undefined) statements.set(store.handle, (known = new Map<string, Statement>()));
  let statement = known.get(query.name);
  if (statement === undefined) known.set(query.name, (statement = store.handle.prepare(query.sqlite)));
  return statement;
}

/** All rows of a query. */
export async function many<P, R>(database: Database, query: Query<P, R>, parameters: P): Promise<R[]> {
  if (database.dialect === "sqlite") {
    return prepared(database, query as Query<never, unknown>).all(bound(parameters)) as R[];
  }
  return manyPostgres(database.sql, query, parameters);
}

/** All rows of a query on one connection of a PostgreSQL store, as inside a transaction. */
export async function manyPostgres<P, R>(
  connection: PostgresConnection,
  query: Query<P, R>,
  parameters: P,
): Promise<R[]> {
  const values = query.parameters.map((name) => (parameters as Record<string, Parameter>)[name] ?? null);
  const rows = await connection.unsafe(query.postgres, values as never[], { prepare: true });
  return [...rows] as unknown as R[];
}

/** Runs a query on one connection of a PostgreSQL store; gives the number of rows that it touched. */
export async function countPostgres<P, R>(
  connection: PostgresConnection,
  query: Query<P, R>,
  parameters: P,
): Promise<number> {
  const values = query.parameters.map((name) => (parameters as Record<string, Parameter>)[name] ?? null);
  const rows = await connection.unsafe(query.postgres, values as never[], { prepare: true });
  return rows.count;
}

/** The one row of a query. Throws `db.row_count` on none or several. */
export async function one<P, R>(database: Database, query: Query<P, R>, parameters: P): Promise<R> {
  const rows = await many(database, query, parameters);
  return only(rows, query.name);
}

/** The row of a query, or undefined. Throws `db.row_count` on several. */
export async function maybe<P, R>(
  database: Database,
  query: Query<P, R>,
  parameters: P,
): Promise<R | undefined> {
  const rows = await many(database, query, parameters);
  return rows.length === 0 ? undefined : only(rows, query.name);
}

/** All rows of a query on a SQLite store, at once; of a statement that gives none, none. */
export function rowsOfSqlite<P, R>(store: Sqlite, query: Query<P, R>, parameters: P): R[] {
  const statement = prepared(store, query as unknown as Query<never, unknown>);
  if (statement.reader) return statement.all(parameters as object) as R[];
  statement.run(parameters as object);
  return [];
}

/** Runs a statement that gives no rows. */
export async function none<P>(database: Database, query: Query<P, unknown>, parameters: P): Promise<void> {
  if (database.dialect === "sqlite") {
    prepared(database, query as unknown as Query<never, unknown>).run(bound(parameters));
    return;
  }
  await manyPostgres(database.sql, query, parameters);
}

/** better-sqlite3 takes no booleans and wants an object even without parameters. */
function bound(parameters: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters as Record<string, unknown>).map(([name, value]) => [
      name,
      typeof value === "boolean" ? Number(value) : value,
    ]),
  );
}

function only<R>(rows: R[], name: string): R {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new CowriedbError("db.row_count", `The query ${name} gave ${rows.length} rows where one was due.`);
  }
  return row;
}
