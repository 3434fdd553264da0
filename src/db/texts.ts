import type { Database, Parameter } from "./database.ts";
import type { Sqlite } from "./sqlite.ts";

// Statements that the store itself has given as text, made from its catalogs: names of tables and columns cannot be bound.

/** A name as a statement has it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The rows of such a query, each as a list of its values; whole numbers of SQLite as BigInts. */
export async function rowsOfText(
  database: Database,
  text: string,
  values: readonly Parameter[] = [],
): Promise<unknown[][]> {
  if (database.dialect === "sqlite")
    return database.handle
      .prepare(text)
      .raw()
      .safeIntegers(true)
      .all(...values) as unknown[][];
  return [...(await database.sql.unsafe(text, [...values] as never[]).values())] as unknown[][];
}

/**
 * The rows of such a query of a SQLite store, one after another; `isExact` has whole numbers come as BigInts. The connection
 * cannot write until the last one is taken.
 */
export function eachRowOfText(
  { handle }: Sqlite,
  text: string,
  values: readonly Parameter[],
  isExact: boolean,
): IterableIterator<unknown[]> {
  const statement = handle.prepare(text).raw();
  if (isExact) statement.safeIntegers(true);
  return statement.iterate(...values) as IterableIterator<unknown[]>;
}

/** Such a query of a SQLite store that gives one row or none, prepared once; whole numbers as BigInts. */
export function rowReader(
  { handle }: Sqlite,
  text: string,
): (values: readonly Parameter[]) => unknown[] | undefined {
  const statement = handle.prepare(text).raw().safeIntegers(true);
  return (values) => statement.get(...values) as unknown[] | undefined;
}

/** Such a query of a SQLite store that packs rows into one value, prepared once: how many, and what. */
export function packReader(
  { handle }: Sqlite,
  text: string,
): (values: readonly Parameter[]) => [rows: number, pack: Buffer] {
  const statement = handle.prepare(text).raw();
  return (values) => {
    const [rows, pack] = statement.get(...values) as [number, Buffer | null];
    return [rows, pack ?? Buffer.alloc(0)];
  };
}

/** A statement on a SQLite store, prepared once; gives the number of rows that it has touched. */
export type RowWriter = (values: readonly unknown[]) => number;

/** Prepares such a statement of a SQLite store. */
export function rowWriter({ handle }: Sqlite, text: string): RowWriter {
  const statement = handle.prepare(text);
  return (values) => statement.run(...values).changes;
}

/** Runs such a statement, and gives the number of rows that it has touched. */
export async function runText(
  database: Database,
  text: string,
  values: readonly Parameter[] = [],
): Promise<number> {
  if (database.dialect === "sqlite") return database.handle.prepare(text).run(...values).changes;
  return (await database.sql.unsafe(text, [...values] as never[])).count;
}
