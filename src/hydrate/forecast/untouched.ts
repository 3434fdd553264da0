import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { databaseError } from "../../db/database-error.ts";
import { closeDatabase } from "../../db/open.ts";
import { openSqlite, type Sqlite } from "../../db/sqlite.ts";
import { visible } from "../../term.ts";

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
  } catch (error) {
    throw isOfFile(error) ? databaseError(error, "read", source.name) : error;
  } finally {
    await closeDatabase(source);
  }
}

function isOfFile(error: unknown): boolean {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith("SQLITE_");
}

/**
 * Sees that a SQLite file may be written, or made where there is none, and gives the bytes that are free for it. Throws what
 * who opens it would throw.
 */
export function roomFor(path: string): number {
  const folder = dirname(path);
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (cause) {
    const error = Object.assign(new Error("it cannot be written"), { code: "SQLITE_CANTOPEN", cause });
    throw databaseError(error, "open the store", visible(path));
  }
}
