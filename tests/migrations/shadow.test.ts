import { existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import t, { type Test } from "tap";
import { targetOf, type Target } from "../../src/config.ts";
import type { Database } from "../../src/db/database.ts";
import { readMigrations, readProcedures } from "../../src/migrate/files/files.ts";
import { readFolderLedger } from "../../src/migrate/folder/folder.ts";
import { readFolder } from "../../src/migrate/files/folder-files.ts";
import { inShadow, openShadow, staleShadows, type Shadow } from "../../src/migrate/prove/shadow.ts";
import { fillWithFolder, fillWithStore, type StoreFiles } from "../../src/migrate/prove/shadow-fill.ts";
import { engines, freshStore, onServer, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { emptyPlace, schemaListing } from "../helpers/empty.ts";
import { owner, roleWorld } from "../helpers/roles.ts";

const onwards = { requested: false };

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a shadow with all our files is a store, and is gone at the end", async (t) => {
      const store = await storeFor(t, engine);

      const { target, listing } = await inShadow(store.target, "", onwards, async (shadow) => ({
        target: shadow.target,
        listing: await openShadow(shadow, async (database) => {
          await fillWithStore(shadow, database, allOf(engine));
          return schemaListing(database);
        }),
      }));

      t.same(listing, await schemaListing(store.database));
      t.equal(await isThere(store, target), false);
    });

    await t.test("a shadow takes a folder of somebody else's up to a migration", async (t) => {
      const store = await storeFor(t, engine);
      const folder = readFolder("runbooks/examples/rename-a-column", "", engine.dialect);
      const migrations = folder.migrations.slice(0, 2);

      const names = await inShadow(store.target, "", onwards, async (shadow) =>
        openShadow(shadow, async (database) => {
          await fillWithFolder(shadow, database, { ...folder, migrations });
          return (await readFolderLedger(database)).map(({ name }) => name);
        }),
      );

      t.same(
        names,
        migrations.map(({ name }) => `rename-a-column/${name}`),
      );
    });

    await t.test("a shadow is gone where the work fails, and where it is stopped", async (t) => {
      const store = await storeFor(t, engine);
      const stop = { requested: false, exitCode: 143 as const };
      const seen: Target[] = [];
      const broken = async (shadow: Shadow): Promise<void> => {
        seen.push(shadow.target);
        await openShadow(shadow, async (database) => typed(database, "select nothing from nowhere"));
      };
      const stopped = async (shadow: Shadow): Promise<void> => {
        seen.push(shadow.target);
        await openShadow(shadow, async (database) => {
          stop.requested = true;
          await fillWithStore(shadow, database, allOf(engine));
        });
      };

      await t.rejects(inShadow(store.target, "", onwards, broken), { code: "db.failed" });
      await t.rejects(inShadow(store.target, "", stop, stopped), { code: "migrate.stopped", exitCode: 143 });

      t.equal(seen.length, 2);
      for (const target of seen) t.equal(await isThere(store, target), false);
    });

    await t.test("a shadow that a killed run has left is named, one at work is not", async (t) => {
      const store = await storeFor(t, engine);
      const left = await leaveShadow(t, engine);

      const { atWork, found } = await inShadow(store.target, "", onwards, async (shadow) =>
        openShadow(shadow, async () => ({
          atWork: nameOf(shadow.target),
          found: await staleShadows(store.database),
        })),
      );

      t.match(
        found.find(({ name }) => name === left),
        { remedy: new RegExp(`^(drop database|rm -r) ${left}$`) },
      );
      t.notOk(found.some(({ name }) => atWork.includes(name)));
    });

    if (engine.dialect === "postgres") await t.test("on a server", async (t) => serverTests(t, engine));
    else
      await t.test("a SQLite store takes no --shadow", async (t) => {
        const work = async (): Promise<void> => Promise.reject(new Error("it must not come to this"));
        await t.rejects(inShadow(targetOf("a.sqlite"), "b.sqlite", onwards, work), { code: "config.usage" });
      });
  });
}

async function serverTests(t: Test, engine: Engine): Promise<void> {
  await t.test("a database that is given must be empty, and is empty again", async (t) => {
    const store = await storeFor(t, engine);
    const place = await emptyPlace(engine);
    t.teardown(place.dispose);
    const fill = async (shadow: Shadow): Promise<string> =>
      openShadow(shadow, async (database) => {
        await fillWithStore(shadow, database, allOf(engine));
        for (const text of foreign) await typed(database, text);
        return nameOf(shadow.target);
      });

    await t.rejects(inShadow(store.target, store.db, onwards, fill), {
      code: "migrate.shadow_not_empty",
      message: /is not empty: it has cowrie/,
    });
    const first = await inShadow(store.target, place.db, onwards, fill);
    const second = await inShadow(store.target, place.db, onwards, fill);

    t.same([first, second], [nameOf(place.target), nameOf(place.target)]);
  });

  await t.test("a shadow leaves no role on the server, and one who may make none is told so", async (t) => {
    const world = await roleWorld(t, engine);
    const rolesOf = async (): Promise<unknown> =>
      world.run(owner, "select rolname from pg_roles where rolname like 'cowrie%'");
    const target = targetOf(world.as(owner));
    const fill = async (shadow: Shadow): Promise<string[]> =>
      openShadow(shadow, async (database) => {
        await fillWithStore(shadow, database, allOf(engine));
        return schemaListing(database);
      });

    await t.rejects(inShadow(target, "", onwards, fill), {
      code: "migrate.no_shadow",
      hint: /Give this user CREATEDB, or name an empty database/,
    });
    await t.rejects(inShadow(target, "sqlite:other", onwards, fill), { code: "config.usage" });
    await world.run("postgres", `alter role ${owner} createdb createrole`);
    const plain = await inShadow(target, "", onwards, fill);
    const mighty = await inShadow(targetOf(world.as("postgres")), "", onwards, fill);

    t.same(await rolesOf(), []);
    t.same(mighty, plain);
    t.ok(plain.length > readProcedures("postgres").length);
  });
}

/** What somebody's own migrations may leave in public. */
const foreign = [
  "create publication cowriedb_test for all tables",
  "create operator public.=== (leftarg = integer, rightarg = integer, function = int4eq)",
  "create text search configuration public.words (copy = simple)",
  "create table public.a (a integer generated always as identity primary key)",
  "create view public.b as select a from public.a",
  "create materialized view public.c as select a from public.b",
  "create function public.d(a integer) returns integer language sql return a",
  "create aggregate public.e(integer) (sfunc = pg_catalog.int4pl, stype = integer)",
  "create type public.f as enum ('x')",
  "create domain public.g as text check (value != '')",
  "create type public.h as (a integer)",
  "create procedure public.i() language sql as 'select 1'",
  'create schema "J j"',
];

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  return store;
}

function allOf({ dialect }: Engine): StoreFiles {
  return {
    migrations: readMigrations(dialect),
    procedures: readProcedures(dialect).map(({ name }) => name),
  };
}

function nameOf(target: Target): string {
  return target.dialect === "sqlite" ? target.path : new URL(target.url).pathname.slice(1);
}

async function isThere({ database }: { database: Database }, target: Target): Promise<boolean> {
  if (target.dialect === "sqlite") return existsSync(dirname(target.path));
  const rows = await typed(database, `select 1 from pg_database where datname = '${nameOf(target)}'`);
  return rows.length > 0;
}

/** A shadow whose maker is no more. */
async function leaveShadow(t: Test, engine: Engine): Promise<string> {
  const hex = Date.now().toString(16).padStart(12, "0").slice(-12);
  const name = `cowriedb_shadow_${hex}`;
  if (engine.url !== undefined) {
    const { url } = engine;
    await onServer(url, async (sql) => sql.unsafe(`create database ${name}`));
    t.teardown(async () => onServer(url, async (sql) => sql.unsafe(`drop database ${name}`)));
    return name;
  }
  const { pid } = spawnSync("true");
  const folder = join(tmpdir(), `cowriedb_shadow_${pid}_left`);
  mkdirSync(folder);
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}
