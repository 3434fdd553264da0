import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { readFolder, type Folder } from "../../src/migrate/files/folder-files.ts";
import { folderStatus } from "../../src/migrate/folder/folder.ts";
import type { Engine } from "./database.ts";
import { emptyPlace, openPlace, schemaListing, type EmptyPlace } from "./empty.ts";
import { warm } from "./warm.ts";

/** Nobody hears of it. */
export const silent = { stop: { requested: false }, onBatch: () => undefined };

/** Somebody's database and folder. */
export interface OwnFolder {
  place: EmptyPlace;
  dir: string;
  database: Database;
  /** Runs `migrate …` on it. */
  run(...words: string[]): ReturnType<typeof warm>;
  /** What it answers as JSON. */
  documentOf(...words: string[]): Promise<Record<string, unknown>>;
  /** Names of what is applied, by number. */
  applied(): Promise<string[]>;
  /** As it is now. */
  folder(): Folder;
  /** Every object of the database but the ledger. */
  listing(): Promise<string[]>;
  /** Writes a migration that makes a table of the letter behind its number. */
  arrives(name: string): void;
}

/** An empty database and a folder with these migrations, each of which makes a table of its own. */
export async function ownFolder(t: Test, engine: Engine, names: readonly string[]): Promise<OwnFolder> {
  const place = await emptyPlace(engine);
  t.teardown(place.dispose);
  const database = await openPlace(place);
  t.teardown(async () => closeDatabase(database));
  const dir = join(t.testdir({}), "ours");
  const run: OwnFolder["run"] = async (...words) =>
    warm(["migrate", ...words, "--dir", dir, "--db", place.db]);
  const folder = (): Folder => readFolder(dir, "", engine.dialect);
  const own: OwnFolder = {
    ...{ place, dir, database, run, folder },
    documentOf: async (...words) =>
      JSON.parse((await run(...words, "--json")).stdout) as Record<string, unknown>,
    applied: async () =>
      (await folderStatus(database, folder())).migrations
        .filter(({ state }) => state === "applied")
        .map(({ name }) => name),
    listing: async () =>
      (await schemaListing(database, "public")).filter((line) => !line.includes("schema_ledger")),
    arrives: (name) => {
      writeOwn(dir, engine.dialect, name);
    },
  };
  for (const name of names) own.arrives(name);
  return own;
}

/** The files of such a migration for an engine. */
export function writeOwn(dir: string, dialect: Engine["dialect"], name: string): void {
  const table = name.slice(5, 6);
  const base = join(dir, dialect, name);
  mkdirSync(dirname(base), { recursive: true });
  const strict = dialect === "sqlite" ? " strict" : "";
  const up = `create table ${table} (id integer)${strict};\ncreate index ix_${table} on ${table} (id);\n`;
  writeFileSync(`${base}.up.sql`, `-- ${name}\n\n${up}`);
  writeFileSync(`${base}.down.sql`, `-- ${name}\n\ndrop table ${table};\n`);
}
