import type postgres from "postgres";
import type { Database } from "./database.ts";
import { announceWait, inTurn, withdrawWait } from "./hand-over.ts";
import { inPostgresTransaction, type PostgresTransaction } from "./postgres.ts";

/**
 * Runs `work` in one transaction, on SQLite begun with the write lock. Meant for short work that asks its store one thing
 * after another and waits for nothing else: a load steps back for it between two batches.
 */
export async function inWriting<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  if (database.dialect === "postgres") {
    return inPostgresTransaction(database, async (connection) =>
      work({ ...database, sql: connection as unknown as postgres.Sql }),
    );
  }
  announceWait(database);
  try {
    await inTurn(database, async () => Promise.resolve(database.handle.exec("begin immediate")));
  } finally {
    withdrawWait(database);
  }
  try {
    const result = await work(database);
    database.handle.exec("commit");
    return result;
  } catch (error) {
    if (database.handle.inTransaction) database.handle.exec("rollback");
    throw error;
  }
}

/**
 * Runs `work` within a transaction that is open, so that its failure takes back what it has written and nothing else.
 */
export async function inSavepoint<T>(
  writing: Database,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (writing.dialect === "postgres") {
    const connection = writing.sql as unknown as PostgresTransaction;
    return (await connection.savepoint(async (inner) =>
      work({ ...writing, sql: inner as unknown as postgres.Sql }),
    )) as T;
  }
  writing.handle.exec("savepoint part");
  try {
    const result = await work(writing);
    writing.handle.exec("release part");
    return result;
  } catch (error) {
    if (writing.handle.inTransaction) writing.handle.exec("rollback to part; release part");
    throw error;
  }
}

/** Runs `work` in one transaction as `inWriting` does, and takes back all that it has written. */
export async function inTrial<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  const end: { result?: { value: T } } = {};
  const undone = new Error("taken back");
  try {
    await inWriting(database, async (writing) => {
      end.result = { value: await work(writing) };
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  if (end.result === undefined) throw undone;
  return end.result.value;
}

/** Lets a transaction write into a store that refuses everybody else while it is copied into. */
const asCopier = "set local cowrie.copies = 'on'";

/** Runs `work` in one transaction of a copy into a store, as `inWriting` does. */
export async function inCopy<D extends Database, T>(target: D, work: (writing: D) => Promise<T>): Promise<T> {
  return inWriting(target, async (writing) => {
    if (writing.dialect === "postgres") await writing.sql.unsafe(asCopier);
    return work(writing as D);
  });
}

/** Settings of a server and their values. */
export type ServerSettings = readonly (readonly [setting: string, value: string])[];

/** What holds for the transaction of a build alone: memory, with which most indexes are built without files, and time. */
export const buildSettings: ServerSettings = [
  ["maintenance_work_mem", "256MB"],
  ["lock_timeout", "60s"],
  ["statement_timeout", "24h"],
];

/**
 * Runs statements that the store itself has given as text, such as the definition of an index, and `note` in one transaction with
 * memory to build. Gives what `note` gives.
 */
export async function inBuild<T>(
  database: Database,
  settings: ServerSettings,
  text: string,
  note: (database: Database) => Promise<T>,
): Promise<T> {
  return inWriting(database, async (writing) => {
    await setToBuild(writing, settings);
    if (writing.dialect === "sqlite") writing.handle.exec(text);
    else await writing.sql.unsafe(text);
    return note(writing);
  });
}

/** Gives a transaction what it needs to build indexes. */
export async function setToBuild(writing: Database, settings: ServerSettings = buildSettings): Promise<void> {
  if (writing.dialect === "sqlite") return;
  await writing.sql.unsafe(
    settings.map(([setting, value]) => `set local ${setting} = '${value}'`).join("; "),
  );
}
