import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { closeDatabase, openDatabase } from "../db/open.ts";
import type { ChangeRunner } from "./engine.ts";
import { postgresChanges } from "./postgres-engine.ts";
import { sqliteChanges } from "./sqlite-engine.ts";

/** A store that is open. */
export interface Store {
  database: Database;
  /** Changes its schema. */
  changes: ChangeRunner;
}

/** Opens the store that `target` names, runs `work` and closes it; `create` lets a SQLite file be made. */
export async function inStore<T>(
  target: Target,
  options: { create?: boolean },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(target, options);
  try {
    return await work({ database, changes: changesOf(database, target) });
  } finally {
    await closeDatabase(database);
  }
}

function changesOf(database: Database, target: Target): ChangeRunner {
  if (database.dialect === "sqlite") return sqliteChanges(database);
  if (target.dialect === "sqlite") throw new TypeError("a PostgreSQL store has a URL");
  return postgresChanges(target.url, target.shown);
}
