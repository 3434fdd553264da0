import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import type { Target } from "../../src/config.ts";
import { throwAwayFolder } from "../../src/dev/throw-away-folder.ts";

/** An engine that the suite runs on. */
export interface Engine {
  /** As `SQLite` or `PostgreSQL 18`. */
  name: string;
  dialect: "sqlite" | "postgres";
  /** The server's URL; the database `cowriedb_template` there is a migrated store. */
  url?: string;
}

/** A migrated store of its own, removed by `dispose`. */
export interface TestStore {
  database: Database;
  target: Target;
  /** What `--db` takes. */
  db: string;
  dispose(): Promise<void>;
}

/** The name of the migrated database that stores are copied from. */
export const templateName = "cowriedb_template";

/** Every engine of this run: SQLite, and the servers that tests/run.ts has started. */
export function engines(): Engine[] {
  const servers = JSON.parse(process.env["COWRIEDB_TEST_SERVERS"] ?? "[]") as {
    url: string;
    version: number;
  }[];
  return [
    { name: "SQLite", dialect: "sqlite" },
    ...servers.map(({ url, version }): Engine => ({
      name: `PostgreSQL ${version}`,
      dialect: "postgres",
      url,
    })),
  ];
}

let sqliteTemplate: Promise<string> | undefined;

/** Makes a fresh, migrated store on an engine. */
export async function freshStore(engine: Engine): Promise<TestStore> {
  return engine.dialect === "sqlite" ? freshSqlite() : freshPostgres(engine.url ?? "");
}

/** Stores that others are copied from: an engine and what was done to it, and the file or the database. */
const patterns = new Map<string, Promise<string>>();

/** A store that was filled as `fill` does it, which is called once for all stores of a key on an engine. */
export async function filledStore(
  engine: Engine,
  key: string,
  fill: (store: TestStore) => Promise<void>,
): Promise<TestStore> {
  const whole = `${engine.url ?? engine.name} ${key}`;
  const pattern = patterns.get(whole) ?? makePattern(engine, fill);
  patterns.set(whole, pattern);
  return engine.dialect === "sqlite"
    ? freshSqlite(await pattern)
    : freshPostgres(engine.url ?? "", await pattern);
}

async function makePattern(engine: Engine, fill: (store: TestStore) => Promise<void>): Promise<string> {
  const store = await freshStore(engine);
  await fill(store);
  // Not after a test, but when the file has ended: others are copied from it until then. Imported here, because who runs
  // the files is no test.
  const { default: t } = await import("tap");
  t.teardown(store.dispose);
  if (store.database.dialect === "sqlite") store.database.handle.pragma("wal_checkpoint(truncate)");
  await closeDatabase(store.database);
  return store.target.dialect === "sqlite" ? store.target.path : new URL(store.db).pathname.slice(1);
}

async function freshSqlite(pattern?: string): Promise<TestStore> {
  sqliteTemplate ??= Promise.resolve(process.env["COWRIEDB_TEST_TEMPLATE"] ?? makeSqliteTemplate());
  const template = pattern ?? (await sqliteTemplate);
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-test-"));
  const path = join(folder, "store.sqlite");
  copyFileSync(template, path);
  const target: Target = { dialect: "sqlite", path };
  const database = await openDatabase(target);
  return {
    database,
    target,
    db: path,
    dispose: async () => {
      await closeDatabase(database);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A migrated SQLite file that the stores are copied from; gone with this process. tests/run.ts makes one for all files. */
export async function makeSqliteTemplate(): Promise<string> {
  // The runners of migrations take longer to import than many a test file to run.
  const { migrateUp } = await import("../../src/migrate/migrate.ts");
  const { sqliteChanges } = await import("../../src/migrate/sqlite-engine.ts");
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-template-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "template.sqlite");
  const database = await openDatabase({ dialect: "sqlite", path }, { create: true });
  if (database.dialect === "sqlite") {
    await migrateUp(database, sqliteChanges(database));
    database.handle.pragma("journal_mode = delete");
  }
  await closeDatabase(database);
  return path;
}

async function freshPostgres(serverUrl: string, pattern = templateName): Promise<TestStore> {
  const { url, drop } = await throwAwayDatabase(serverUrl, `template ${pattern} strategy file_copy`);
  const target: Target = { dialect: "postgres", url, shown: url };
  const database = await openDatabase(target, { connections: 2 });
  return {
    database,
    target,
    db: url,
    dispose: async () => {
      await closeDatabase(database);
      await drop();
    },
  };
}

/** A database on a server, as the words of its creation say; `drop` ends it with whoever is still connected. */
export async function throwAwayDatabase(
  serverUrl: string,
  created = "encoding 'UTF8' template template0",
): Promise<{ name: string; url: string; drop: () => Promise<void> }> {
  const name = `cowriedb_test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, async (sql) => sql.unsafe(`create database ${name} ${created}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const drop = async (): Promise<void> =>
    onServer(serverUrl, async (sql) => sql.unsafe(`drop database if exists ${name} with (force)`));
  return { name, url: url.href, drop };
}

/** Runs `work` on a connection of its own to a server. */
export async function onServer(
  url: string,
  work: (sql: postgres.Sql) => Promise<unknown>,
  options: { fetch_types?: boolean } = {},
): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, ...options });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Runs one statement given as text, for what a DBA would type; gives the rows. */
export async function typed(database: Database, text: string): Promise<Record<string, unknown>[]> {
  if (database.dialect === "postgres") return [...(await database.sql.unsafe(text))];
  const statement = database.handle.prepare(text);
  if (statement.reader) return statement.all() as Record<string, unknown>[];
  statement.run();
  return [];
}
