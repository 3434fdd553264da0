import { Umzug } from "umzug";
import { databaseError } from "../db/database-error.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { CowriedbError, messageOf } from "../errors.ts";
import { rowsOfSqlite } from "../sql/run.ts";
import type { Change, ChangeRunner } from "./procedures/engine.ts";
import type { Migration } from "./files/files.ts";
import { runStatements } from "./files/placed.ts";
import { compile } from "./procedures/sqlite-compile.ts";

/** Changes of a SQLite store's schema; BEGIN IMMEDIATE is the lock. */
export function sqliteChanges(store: Sqlite): ChangeRunner {
  return async (work) => {
    try {
      // Dropping a table checks foreign keys at once; the check at commit is enough.
      store.handle.pragma("foreign_keys = off");
      store.handle.exec("begin immediate");
      const result = await work(changeOf(store));
      const broken = store.handle.pragma("foreign_key_check") as { table: string }[];
      if (broken.length > 0) {
        throw new CowriedbError(
          "migrate.foreign_key",
          `The change breaks a foreign key of ${broken[0]?.table ?? ""}.`,
        );
      }
      store.handle.exec("commit");
      return result;
    } catch (error) {
      if (store.handle.inTransaction) store.handle.exec("rollback");
      throw databaseError(error, "change the schema", store.name);
    } finally {
      store.handle.pragma("foreign_keys = on");
    }
  };
}

function changeOf(store: Sqlite): Change {
  return {
    dialect: "sqlite",
    execute: async (text) => {
      store.handle.exec(text);
      return Promise.resolve();
    },
    rows: async (query, parameters) => Promise.resolve(rowsOfSqlite(store, query, parameters)),
    migrate: (migrations, direction) => runUmzug(store, migrations, direction),
    compile: async (procedures) => {
      compile(store, procedures);
      return Promise.resolve();
    },
  };
}

/** Runs the files through umzug; the ledger, not umzug, knows what is applied. */
async function runUmzug(
  store: Sqlite,
  migrations: readonly Migration[],
  direction: "up" | "down",
): Promise<Map<string, number>> {
  const durations = new Map<string, number>();
  const run = (migration: Migration, text: string): (() => Promise<void>) => {
    const file = `migrations/sqlite/${migration.name}.${direction}.sql`;
    return async () => {
      const began = performance.now();
      try {
        runStatements(store, text, file);
      } catch (cause) {
        const known = databaseError(cause, `run ${migration.name}`, store.name);
        if (known.code !== "db.failed") throw known;
        throw new CowriedbError(
          "migrate.failed",
          `Migration ${migration.name} failed: ${messageOf(cause)}.`,
          {
            hint: "Nothing was changed. Mend the file and run: cowriedb migrate up",
            cause,
          },
        );
      }
      durations.set(migration.name, performance.now() - began);
      return Promise.resolve();
    };
  };
  const executed = new Set(direction === "up" ? [] : migrations.map((migration) => migration.name));
  const umzug = new Umzug({
    migrations: migrations.map((migration) => ({
      name: migration.name,
      up: run(migration, migration.upText),
      down: run(migration, migration.downText),
    })),
    storage: {
      logMigration: async ({ name }) => Promise.resolve(void executed.add(name)),
      unlogMigration: async ({ name }) => Promise.resolve(void executed.delete(name)),
      executed: async () => Promise.resolve([...executed].sort()),
    },
    logger: undefined,
  });
  try {
    if (direction === "up") await umzug.up();
    else await umzug.down({ to: 0 });
  } catch (error) {
    throw error instanceof Error && error.cause instanceof CowriedbError ? error.cause : error;
  }
  return durations;
}
