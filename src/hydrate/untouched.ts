import { existsSync, statSync } from "node:fs";
import { closeDatabase } from "../db/open.ts";
import { openSqlite, type Sqlite } from "../db/sqlite.ts";

/**
 * Opens a SQLite store for `work`, and closes it so that its files are as they were. Who opens one read-only leaves an empty log
 * behind where there was none; who opens one otherwise puts into it what a log holds that nobody has open. (The shared memory
 * beside a log is not of the store: there readers and writers find each other.)
 */
export async function withUntouched<T>(path: string, work: (source: Sqlite) => Promise<T>): Promise<T> {
  const log = `${path}-wal`;
  const hasLog = existsSync(log) && statSync(log).size > 0;
  const source = openSqlite(path, hasLog ? { readonly: true } : { sweeping: true });
  try {
    return await work(source);
  } finally {
    await closeDatabase(source);
  }
}
