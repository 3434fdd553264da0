import { existsSync } from "node:fs";
import type postgres from "postgres";
import { shownTarget, type Target } from "../config.ts";
import { quoted } from "./texts.ts";
import type { Database } from "./database.ts";
import { driverError } from "./database-error.ts";
import { closeDatabase } from "./open.ts";
import { openPostgres } from "./postgres.ts";
import { openSqlite, sweepLog, type Sqlite } from "./sqlite.ts";

/**
 * Runs `work` on a database that it cannot change and that stays as it is for it: SQLite opens the file for reading alone, with no
 * PRAGMA that is kept, PostgreSQL begins one read-only transaction. What it leaves of a write-ahead log is swept away.
 */
export async function readingOnly<T>(target: Target, work: (database: Database) => Promise<T>): Promise<T> {
  try {
    if (target.dialect === "sqlite") return await readingFile(target.path, work);
    const store = await openPostgres(target.url, shownTarget(target), { connections: 1 });
    try {
      return (await store.sql.begin("isolation level repeatable read read only", async (connection) => {
        await connection.unsafe("set local lock_timeout = '5s'");
        return work({ ...store, sql: connection as unknown as postgres.Sql });
      })) as T;
    } finally {
      await closeDatabase(store);
    }
  } catch (error) {
    throw driverError(error, "read", shownTarget(target));
  }
}

async function readingFile<T>(path: string, work: (database: Sqlite) => Promise<T>): Promise<T> {
  const hadLog = existsSync(`${path}-wal`);
  const store = openSqlite(path, { readonly: true });
  try {
    store.handle.exec("begin");
    return await work(store);
  } finally {
    store.handle.close();
    if (!hadLog) sweepLog(path);
  }
}

/** How many rows a table of a SQLite file has; they are counted in its smallest index. */
export function countRows({ handle }: Sqlite, table: string): number {
  return Number(
    handle
      .prepare(`select count(*) from ${quoted(table)}`)
      .pluck()
      .get(),
  );
}
