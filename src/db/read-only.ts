import type { Database } from "./database.ts";
import { inPostgresTransaction, type Postgres } from "./postgres.ts";
import { sortOnDisk } from "./sqlite.ts";
import { inTrial } from "./writing.ts";

/** A query that stands in no file of `sql/`, with a `$1` or `$NAME` for each value. */
export interface ForeignQuery {
  text: string;
  /** The names of the values in the order of `$1`, `$2`, …; SQLite binds them by name. */
  names: readonly string[];
}

/**
 * Runs `work` on a server in one read-only transaction, which sees the database as it is at one moment; the server refuses whatever
 * would change it. Statements that fail do so in savepoints, which cost no transaction id there.
 */
export async function inReading<T>(target: Postgres, work: (reading: Postgres) => Promise<T>): Promise<T> {
  return inPostgresTransaction(target, async (connection) => {
    await connection.unsafe("set transaction isolation level repeatable read, read only");
    return work({ ...target, sql: connection as unknown as Postgres["sql"] });
  });
}

/** How long such a query may take on a server. */
const mostTime = "10min";

/**
 * The first rows of a query that somebody else wrote. It cannot write: SQLite refuses it (`query_only`), PostgreSQL runs it
 * in a read-only transaction and rolls that back (up to 15, large objects can be made in a read-only one); and it is one query, since it stands in the parentheses of another. Values are bound, never
 * put into the text.
 */
export async function foreignRows(
  database: Database,
  { text, names }: ForeignQuery,
  values: ReadonlyMap<string, string>,
  limit: number,
): Promise<Record<string, unknown>[]> {
  const wrapped = wrap(text, limit);
  if (database.dialect === "sqlite") {
    const { handle } = database;
    // Nobody knows how much it sorts.
    const sortAsBefore = sortOnDisk(database);
    handle.pragma("query_only = on");
    try {
      return handle
        .prepare(wrapped)
        .all(Object.fromEntries(names.map((name) => [name, values.get(name) ?? null]))) as Record<
        string,
        unknown
      >[];
    } finally {
      handle.pragma("query_only = off");
      sortAsBefore();
    }
  }
  const bound = names.map((name) => values.get(name) ?? null);
  return inTrial(database, async (trial) => {
    const { sql } = trial as Postgres;
    await sql.unsafe("set transaction read only");
    await sql.unsafe(`set local statement_timeout = '${mostTime}'`);
    return [...(await sql.unsafe(wrapped, bound as never[], extended))];
  });
}

/** Throws what the engine says of a query that it cannot prepare. */
export async function prepareForeign(database: Database, { text }: ForeignQuery): Promise<void> {
  if (database.dialect === "sqlite") {
    database.handle.prepare(wrap(text, 1));
    return;
  }
  await inPostgresTransaction(database, async (connection) => {
    await connection.unsafe("set transaction read only");
    await connection.unsafe(wrap(text, 1), [], extended).describe();
  });
}

/** One statement, no more: the protocol of postgres.js takes several where it is not told so. */
const extended = { simple: false } as Record<string, boolean>;

function wrap(text: string, limit: number): string {
  return `select * from (\n${text.trim().replace(/;\s*$/, "")}\n) as foreign_rows limit ${limit}`;
}

/** The most rows that are counted of a query that somebody else wrote. */
const mostCounted = 100;

/** Such a query as one that gives a count `n` of its rows and can be nothing but a query. */
export function countOf(text: string): string {
  return `select count(*) as n from (${wrap(text, mostCounted)}) as counted`;
}
