import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import postgres from "postgres";
import t, { type Test } from "tap";
import type { Target } from "../../src/config.ts";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import { folderUp } from "../../src/migrate/folder/change.ts";
import { readFolder } from "../../src/migrate/files/folder-files.ts";
import { planFolderUp } from "../../src/migrate/folder/plan.ts";
import { migrateUp } from "../../src/migrate/migrate.ts";
import { usualPatience } from "../../src/migrate/patience.ts";
import { postgresChanges } from "../../src/migrate/postgres-engine.ts";
import { cowriedb, program } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { emptyPlace, forgeLedger } from "../helpers/empty.ts";
import { poolerTo } from "../helpers/pooler.ts";

/** Somebody's database and folder. */
interface Theirs {
  db: string;
  target: Target;
  database: Database;
  dir: string;
}

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(engine.name, { jobs: 4 }, async (t) => {
    await Promise.all([
      t.test(
        "a file that others keep from its lock is tried again, as a whole, and they are named",
        async (t) => {
          const theirs = await theirsOn(t, engine, {
            "0001_notes_create": "create table notes (a integer)",
            "0002_things_note": "insert into notes values (1);\nalter table things add column note text",
          });
          const told: string[] = [];
          const blocker = await holderOf(t, theirs, "begin; select count(*) from things -- \u001b");

          const work = folderUp(theirs.database, theirs.target, folderOf(theirs), "", {
            ...silent,
            patience: { tries: 3, pauseMs: 200, tell: (text) => void told.push(text) },
          });
          while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
          await blocker.unsafe("rollback");
          const result = await work;

          t.equal(result.migrations.length, 2);
          t.match(
            told[0],
            /^A lock was not to be had; in the way is pid \d+ \(the blocker, \w+, idle in transaction for \d+ s\): begin; select count\(\*\) from things -- \\x1b\. Trying again/,
          );
          t.same(await typed(theirs.database, "select * from public.notes"), [{ a: 1 }], "once");
        },
      ),
      t.test(
        "it gives up after so many tries, has changed nothing, and says who is in the way",
        async (t) => {
          const theirs = await theirsOn(t, engine, {
            "0001_things_note": "alter table things add column note text",
          });
          const blocker = await holderOf(t, theirs, "begin; select count(*) from things");
          const [row] = await blocker.unsafe("select pg_backend_pid() as pid");

          await t.rejects(
            folderUp(theirs.database, theirs.target, folderOf(theirs), "", {
              ...silent,
              patience: { ...usualPatience, tries: 1 },
            }),
            {
              code: "db.locked",
              exitCode: 75,
              message: new RegExp(`in 1 tries; in the way is pid ${String(row?.["pid"])}`),
              hint: new RegExp(`pg_terminate_backend\\(${String(row?.["pid"])}\\)`),
            },
          );
          t.same(
            await typed(theirs.database, "select name from cowrie.schema_ledger where action = 'up'"),
            [],
          );
        },
      ),
      t.test("a change of the store says who is in its way", async (t) => {
        const store = await freshStore(engine);
        t.teardown(store.dispose);
        if (store.target.dialect === "sqlite") throw new TypeError("a server has a URL");
        const { url, shown } = store.target;
        await forgeLedger(store.database, "update schema_ledger set digest = 'old' where kind = 'procedure'");
        await holderOf(t, store, "begin; lock table cowrie.raw_events in row exclusive mode");
        const changes = postgresChanges(url, shown, { ...usualPatience, tries: 1 });

        await t.rejects(migrateUp(store.database, changes), {
          code: "db.locked",
          exitCode: 75,
          message: /in the way is pid \d+ \(the blocker.*cowrie\.raw_events/,
        });
      }),
      t.test(
        "an index that was left half built is dropped and built anew, and the plan says so",
        async (t) => {
          const theirs = await theirsOn(t, engine, {
            "0001_things_index":
              "-- Transaction: none\n\ncreate unique index concurrently if not exists uq_things_a on things (a)",
          });
          await typed(theirs.database, "insert into public.things values (1), (1)");
          const up = async (): Promise<unknown> =>
            folderUp(theirs.database, theirs.target, folderOf(theirs), "", silent);

          await t.rejects(up(), { code: "migrate.failed" });
          const left = await validity(theirs);
          await typed(theirs.database, "truncate public.things");
          const plan = await planFolderUp(theirs.database, folderOf(theirs), "");
          await up();

          t.same(left, [{ valid: false }]);
          t.ok(plan.steps.some(({ text }) => text === "drop index concurrently public.uq_things_a"));
          t.same(await validity(theirs), [{ valid: true }]);
          t.same(await typed(theirs.database, "select name from cowrie.schema_ledger where action = 'up'"), [
            { name: "ours/0001_things_index" },
          ]);
        },
      ),
      t.test(
        "a killed run lets its locks go in the middle of a statement, and the next one does it all",
        async (t) => {
          const theirs = await theirsOn(t, engine, {
            "0001_things_note":
              "alter table things add column note text;\nselect pg_sleep(case when exists (select 1 from flags) then 60 else 0 end)",
          });
          await typed(theirs.database, "create table public.flags (a integer)");
          await typed(theirs.database, "insert into public.flags values (1)");
          const words = ["migrate", "up", "--dir", theirs.dir, "--db", theirs.db];
          const child = spawn(process.execPath, [program, ...words], { stdio: "ignore" });
          const asleep =
            "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
          while ((await typed(theirs.database, asleep)).length === 0)
            await new Promise((resolve) => setTimeout(resolve, 50));

          child.kill("SIGKILL");
          await typed(theirs.database, "delete from public.flags");
          const next = await cowriedb(words);

          t.equal(next.code, 0, next.stderr);
          t.same(await typed(theirs.database, "select note from public.things"), []);
        },
      ),
      t.test("a pooler of transactions is refused, one of sessions is not", async (t) => {
        const theirs = await theirsOn(t, engine, {
          "0001_things_note": "alter table things add column note text",
        });
        for (const mode of ["transaction", "session"] as const) {
          const pooler = await poolerTo(theirs.db, mode);
          t.teardown(pooler.close);
          const target: Target = { dialect: "postgres", url: pooler.url, shown: "the pooler" };
          const work = folderUp(theirs.database, target, folderOf(theirs), "", silent);

          if (mode === "session") t.match(await work, { migrations: [{ name: "0001_things_note" }] });
          else {
            await t.rejects(work, { code: "migrate.pooler" });
            t.same(
              await typed(
                theirs.database,
                "select 1 from pg_locks as l join pg_database as d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database()",
              ),
              [],
            );
          }
        }
      }),
    ]);
  });
}

const silent = { stop: { requested: false }, onBatch: () => undefined };

async function theirsOn(t: Test, engine: Engine, files: Record<string, string>): Promise<Theirs> {
  const { db, target, dispose } = await emptyPlace(engine);
  t.teardown(dispose);
  const database = await openDatabase(target);
  t.teardown(async () => closeDatabase(database));
  await typed(database, "create table public.things (a integer)");
  const dir = join(t.testdir({}), "ours");
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, "postgres", `${name}.up.sql`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text};\n`);
  }
  return { db, target, database, dir };
}

/** A session of somebody who has done something and not ended it. */
async function holderOf(t: Test, { db }: { db: string }, text: string): Promise<postgres.Sql> {
  const sql = postgres(db, { max: 1, connection: { application_name: "the blocker" } });
  t.teardown(async () => sql.end({ timeout: 1 }));
  await sql.unsafe(text).simple();
  return sql;
}

function folderOf({ dir }: Theirs): ReturnType<typeof readFolder> {
  return readFolder(dir, "", "postgres");
}

async function validity({ database }: Theirs): Promise<unknown[]> {
  return typed(
    database,
    "select indisvalid as valid from pg_index where indexrelid = 'public.uq_things_a'::regclass",
  );
}
