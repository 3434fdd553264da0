import { shownTarget, type Target } from "../config.ts";
import type { Database } from "./database.ts";
import { openSqlite } from "./sqlite.ts";

/** Opens the store that `target` names; `create` lets a SQLite file be made. */
export async function openDatabase(
  target: Target,
  options: { create?: boolean; connections?: number } = {},
): Promise<Database> {
  if (target.dialect === "sqlite") {
    return openSqlite(target.path, { create: options.create === true });
  }
  // A SQLite store does not wait for the other engine's driver to be imported.
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres(target.url, shownTarget(target), {
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  });
}

/** Closes a store; safe to call twice. */
export async function closeDatabase(database: Database): Promise<void> {
  if (database.dialect === "sqlite") database.handle.close();
  // What is lost does not answer to a farewell.
  else await database.sql.end({ timeout: database.loss.isLost ? 0 : 5 });
}
