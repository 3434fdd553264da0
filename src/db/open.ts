import { shownTarget, type Target } from "../config.ts";
import type { Database } from "./database.ts";
import { driverError } from "./database-error.ts";
import { openSqlite } from "./sqlite.ts";

/** Opens the store that `target` names; `create` lets a SQLite file be made, and `word` is the option that names one that is to be there. */
export async function openDatabase(
  target: Target,
  options: { create?: boolean; connections?: number; word?: string } = {},
): Promise<Database> {
  if (target.dialect === "sqlite") {
    return openSqlite(target.path, { create: options.create === true, word: options.word });
  }
  // A SQLite store does not wait for the other engine's driver to be imported.
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres(target.url, shownTarget(target), {
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  });
}

/** Runs `work` on a store that is open, and closes it; what its driver says becomes our error, as `Cannot <doing> in …`. */
export async function whileOpen<D extends Database, T>(
  database: D,
  doing: string,
  work: (database: D) => Promise<T>,
): Promise<T> {
  try {
    return await work(database);
  } catch (error) {
    throw driverError(error, doing, database.name);
  } finally {
    await closeDatabase(database);
  }
}

/** Closes a store; safe to call twice. */
export async function closeDatabase(database: Database): Promise<void> {
  if (database.dialect === "sqlite") database.handle.close();
  // What is lost does not answer to a farewell.
  else await database.sql.end({ timeout: database.loss.isLost ? 0 : 5 });
}
