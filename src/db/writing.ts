import type postgres from "postgres";
import type { Database } from "./database.ts";
import { announceWait, withdrawWait } from "./hand-over.ts";
import { inPostgresTransaction } from "./postgres.ts";

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
    database.handle.exec("begin immediate");
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
