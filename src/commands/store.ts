import { targetOf, type Target } from "../config.ts";
import type { Database } from "../db/database.ts";
import { closeDatabase, openDatabase } from "../db/open.ts";
import { assertCurrent } from "../migrate/migrate.ts";
import { postgresChanges } from "../migrate/postgres-engine.ts";
import { sqliteChanges } from "../migrate/sqlite-engine.ts";
import type { ChangeRunner } from "../migrate/engine.ts";
import { yellow } from "../term.ts";
import { say, type CommonOptions } from "./output.ts";

/** Opens the store that the options name, sees that its schema is today's, runs `work` and closes it. */
export async function withStore<T>(
  options: CommonOptions,
  work: (database: Database, target: Target) => Promise<T>,
): Promise<T> {
  return withDatabase(options, {}, async (database, target) => {
    await assertCurrent(database);
    return work(database, target);
  });
}

/** Opens the store without a look at its schema. */
export async function withDatabase<T>(
  options: CommonOptions,
  how: { create?: boolean },
  work: (database: Database, target: Target) => Promise<T>,
): Promise<T> {
  const target = targetOf(options.db);
  const database = await openDatabase(target, how);
  try {
    if (database.dialect === "sqlite" && database.journal === "delete") {
      say(
        options,
        yellow(
          `${database.name} is on a file system without write-ahead logging; journal_mode is DELETE: readers wait while a batch is written.`,
        ),
      );
    }
    return await work(database, target);
  } finally {
    await closeDatabase(database);
  }
}

/** The way to change the schema of an open store. */
export function changesOf(database: Database, target: Target): ChangeRunner {
  if (database.dialect === "sqlite") return sqliteChanges(database);
  if (target.dialect === "sqlite") throw new TypeError("a PostgreSQL store has a URL");
  return postgresChanges(target.url, target.shown);
}
