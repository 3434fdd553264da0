import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targetOf, type Target } from "../../src/config.ts";
import type { Database } from "../../src/db/database.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { folderDown, folderDownPlan, folderUp } from "../../src/migrate/folder/change.ts";
import { readFolder, type Folder } from "../../src/migrate/files/folder-files.ts";
import { downPlan, migrateDown, migrateUp } from "../../src/migrate/migrate.ts";
import { upTo } from "../../src/migrate/work.ts";
import { onServer, typed, type Engine } from "./database.ts";
import { changesFor, openPlace, schemaListing, type EmptyPlace } from "./empty.ts";

/** A change of a schema: of a store, or, where `dir` is given, of somebody's own folder. */
export interface SchemaChange {
  says: string;
  direction: "up" | "down";
  /** A folder's migration up to which all is applied before; "" for none. A store goes from nothing, or back to it. */
  from: string;
  dir?: string;
  /** Of a store, the one migration that is applied or taken back; the procedures come and go with the last one. */
  step?: string;
}

/** What a database holds, and what its ledger says is in force. */
export interface SchemaState {
  objects: string[];
  ledger: string[];
}

const silent = { stop: { requested: false }, onBatch: () => undefined };

/** Carries a change out. */
export async function carryOut(change: SchemaChange, place: EmptyPlace): Promise<void> {
  await opened(place, async (database) => {
    if (change.dir !== undefined) {
      const folder = readFolder(change.dir, "", database.dialect);
      if (change.direction === "up") await folderUp(database, place.target, folder, "", silent);
      else await folderStepDown(database, place, folder);
    } else if (change.direction === "up") {
      const choose = upTo(change.step ?? "", false, "the store");
      await migrateUp(database, changesFor(database, place.target), undefined, { choose });
    } else {
      const plan = await downPlan(database, change.step === undefined ? Number.MAX_SAFE_INTEGER : 1);
      await migrateDown(changesFor(database, place.target), plan);
    }
  });
}

/** The words of the program that carry it out. */
export function wordsOf(change: SchemaChange, place: EmptyPlace): string[] {
  const { dir, direction, from, step } = change;
  const where = ["--db", place.db];
  if (step !== undefined)
    return ["migrate", direction, direction === "up" ? "--to" : "--confirm", step, ...where];
  if (dir === undefined)
    return direction === "up"
      ? ["init", ...where]
      : ["migrate", "down", "--all", "--confirm", place.db, ...where];
  return direction === "up"
    ? ["migrate", "up", "--create", "--dir", dir, ...where]
    : ["migrate", "down", "--confirm", from, "--dir", dir, ...where];
}

/** Brings an empty place to where a change begins. */
export async function prepare(change: SchemaChange, place: EmptyPlace): Promise<void> {
  await opened(place, async (database) => {
    if (change.dir !== undefined) {
      const folder = readFolder(change.dir, "", database.dialect);
      if (change.from !== "") await folderUp(database, place.target, folder, change.from, silent);
    } else if (change.direction === "down") await migrateUp(database, changesFor(database, place.target));
  });
}

/** Every state that a change may be seen in: before, behind, and of a folder behind each migration. */
export async function statesOf(change: SchemaChange, place: EmptyPlace): Promise<SchemaState[]> {
  const states = [await stateOf(change, place)];
  if (change.dir !== undefined && change.direction === "up") {
    const { dir } = change;
    await opened(place, async (database) => {
      const folder = readFolder(dir, "", database.dialect);
      for (const { name } of folder.migrations) {
        await folderUp(database, place.target, folder, name, silent);
        states.push(await stateIn(change, database));
      }
    });
  } else {
    await carryOut(change, place);
    states.push(await stateOf(change, place));
  }
  return states;
}

/** What a place holds. */
export async function stateOf(change: SchemaChange, place: EmptyPlace): Promise<SchemaState> {
  return opened(place, async (database) => stateIn(change, database));
}

/** Another place that holds the same; nobody is connected to the first. */
export async function copyOf(place: EmptyPlace, engine: Engine, folder = tmpdir()): Promise<EmptyPlace> {
  if (place.target.dialect === "sqlite") {
    const inside = mkdtempSync(join(folder, "cowriedb-copy-"));
    const db = join(inside, "store.sqlite");
    copyFileSync(place.db, db);
    return {
      db,
      target: targetOf(db),
      dispose: async () => Promise.resolve(void rmSync(inside, { recursive: true, force: true })),
    };
  }
  const server = engine.url ?? "";
  const name = `cowriedb_test_${randomBytes(6).toString("hex")}`;
  const at = new URL(server);
  at.pathname = `/${name}`;
  const pattern = new URL(place.db).pathname.slice(1);
  const plain = { fetch_types: false };
  await onServer(
    server,
    async (sql) => sql.unsafe(`create database ${name} template ${pattern} strategy file_copy`),
    plain,
  );
  const target: Target = targetOf(at.href);
  const dispose = async (): Promise<void> =>
    onServer(server, async (sql) => sql.unsafe(`drop database if exists ${name} with (force)`), plain);
  return { db: at.href, target, dispose };
}

async function opened<T>(place: EmptyPlace, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openPlace(place);
  try {
    return await work(database);
  } finally {
    await closeDatabase(database);
  }
}

async function folderStepDown(database: Database, place: EmptyPlace, folder: Folder): Promise<void> {
  await folderDown(database, place.target, folder, await folderDownPlan(database, folder), silent);
}

async function stateIn(change: SchemaChange, database: Database): Promise<SchemaState> {
  const objects = await schemaListing(database, change.dir === undefined ? "cowrie" : "public");
  const table = database.dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
  const [found] = await typed(
    database,
    database.dialect === "sqlite"
      ? "select count(*) as n from sqlite_schema where name = 'schema_ledger'"
      : "select count(*) as n from pg_tables where schemaname = 'cowrie' and tablename = 'schema_ledger'",
  );
  const rows =
    Number(found?.["n"]) === 0
      ? []
      : await typed(database, `select kind, name, action from ${table} order by ledger_id`);
  const last = new Map(
    rows.map((row) => [`${String(row["kind"])} ${String(row["name"])}`, String(row["action"])]),
  );
  return {
    objects: objects.filter((object) => !object.includes("schema_ledger")),
    ledger: [...last]
      .filter(([, action]) => action === "up" || action === "apply")
      .map(([name]) => name)
      .sort(),
  };
}
