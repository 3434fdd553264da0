import type { Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { openDatabase, whileOpen } from "../db/open.ts";
import { readingOnly } from "../db/open-to-read.ts";
import { usualPatience } from "./patience.ts";
import type { ChangeRunner } from "./engine.ts";

export { readingOnly, usualPatience };

/** A store that is open. */
export interface Store {
  database: Database;
  /** Changes its schema. */
  changes: ChangeRunner;
}

/** Opens the store that `target` names, runs `work` and closes it; `create` lets a SQLite file be made. Throws what `work` throws. */
export async function inStore<T>(
  target: Target,
  options: { create?: boolean; tell?: (text: string) => void },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  // What the database says is no fault of the program, whoever asked it.
  return whileOpen(await openDatabase(target, options), "go on", async (database) =>
    work({ database, changes: changesOf(database, target, options.tell) }),
  );
}

/** Changes of a database. Their runners take longer to import than most commands to run, so they come when they are called for. */
export function changesOf(database: Database, target: Target, tell?: (text: string) => void): ChangeRunner {
  return async (work) => {
    if (database.dialect === "sqlite") {
      const { sqliteChanges } = await import("./sqlite-engine.ts");
      return sqliteChanges(database)(work);
    }
    if (target.dialect === "sqlite") throw new TypeError("a PostgreSQL store has a URL");
    const { postgresChanges } = await import("./postgres-engine.ts");
    const patience = { ...usualPatience, ...(tell === undefined ? {} : { tell }) };
    return postgresChanges(target.url, target.shown, patience)(work);
  };
}
