import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawn } from "node:child_process";
import DatabaseHandle from "better-sqlite3";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import type { CowriedbError } from "../../src/errors.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { folderDown, folderDownPlan, folderUp, folderVerify } from "../../src/migrate/folder/change.ts";
import { folderStatus } from "../../src/migrate/folder/folder.ts";
import { readFolder } from "../../src/migrate/files/folder-files.ts";
import { program } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { emptyPlace, type EmptyPlace } from "../helpers/empty.ts";
import { warm } from "../helpers/warm.ts";

const example = join(packageFolder, "runbooks/examples/rename-a-column");
const silent = { stop: { requested: false }, onBatch: () => undefined };

/** Somebody's database and folder. */
interface Theirs {
  place: EmptyPlace;
  dir: string;
  database: Database;
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("the example goes up, back and up again, and is the same each time", async (t) => {
      const theirs = await theirsFor(t, engine);
      cpSync(example, theirs.dir, { recursive: true });
      await up(theirs, "0001_session_summaries_create");
      await fill(theirs, 12_000);
      const before = await rowsOf(theirs);

      const forward = await up(theirs);
      const renamed = await rowsOf(theirs);
      const broken = await verify(theirs);
      while ((await atOf(theirs)) !== "0001_session_summaries_create") await down(theirs);
      const back = await rowsOf(theirs);
      await up(theirs);

      t.ok((forward.migrations.find(({ name }) => name.endsWith("_copy"))?.batches ?? 0) >= 3);
      t.same(renamed, before, "every value under the new name");
      t.same(broken, []);
      t.same(back, before, "every value under the old name");
      t.same(await rowsOf(theirs), before);
      t.same((await up(theirs)).migrations, [], "once more changes nothing");
    });

    await t.test("files side by side are applied together or not at all", async (t) => {
      const theirs = await theirsFor(t, engine);
      write(theirs, "0001_things_create", "create table things (a integer)", "drop table things");
      write(theirs, "0002_things_fail", "insert into nothing values (1)", "select 1");

      const outcome = await run(theirs, "up", "--json");
      const status = await folderStatus(theirs.database, folderOf(theirs));

      t.equal(outcome.code, 1);
      t.match(JSON.parse(outcome.stdout), {
        error: { code: "migrate.failed", message: /0002_things_fail.*nothing/ },
      });
      t.equal(status.schema_version, null);
      await t.rejects(typed(theirs.database, "select * from things"));
    });

    await t.test("what does not belong together is refused, and nothing is changed", async (t) => {
      const theirs = await theirsFor(t, engine);
      write(theirs, "0002_things_create", "create table things (a integer)", undefined);
      await up(theirs);
      const codeOf = async (verb: "up" | "down", owner = ""): Promise<string> => {
        try {
          const folder = readFolder(theirs.dir, owner, engine.dialect);
          if (verb === "up") await folderUp(theirs.database, theirs.place.target, folder, "", silent);
          else await folderDownPlan(theirs.database, folder);
        } catch (error) {
          return (error as CowriedbError).code;
        }
        return "none";
      };

      t.equal(await codeOf("down"), "migrate.no_down");
      t.equal(await codeOf("up", "another"), "migrate.other_owner");
      write(theirs, "0001_late_create", "create table late (a integer)", undefined);
      t.equal(await codeOf("up"), "migrate.out_of_order");
      rmSync(join(theirs.dir, engine.dialect, "0001_late_create.up.sql"));
      write(theirs, "0003_own_transaction", "create table own (a integer);\ncommit;", undefined);
      t.equal(await codeOf("up"), "migrate.bad_header");
      write(theirs, "0003_own_transaction", "-- Transaction: batches\n\nselect 1", undefined);
      t.equal(await codeOf("up"), "migrate.bad_header");
      write(theirs, "0003_own_transaction", "-- Transaction: none\n\nselect 1;\nselect 2", undefined);
      t.equal(await codeOf("up"), "migrate.bad_header");
      rmSync(join(theirs.dir, engine.dialect, "0003_own_transaction.up.sql"));
      write(theirs, "0002_things_create", "create table things (a integer, b integer)", undefined);
      t.equal(await codeOf("up"), "migrate.changed_file");
      t.equal((await run(theirs, "verify")).code, 20);
      const up2 = join(theirs.dir, engine.dialect, "0002_things_create.up.sql");
      renameSync(up2, up2.replace("0002", "0003"));
      t.equal(await codeOf("up"), "migrate.newer_schema");
      renameSync(up2.replace("0002", "0003"), up2.replace("0002_", "2-"));
      t.equal(await codeOf("up"), "migrate.name");
      rmSync(theirs.dir, { recursive: true });
      t.equal(await codeOf("up"), "migrate.no_folder");
      t.same(await typed(theirs.database, `select name from ${ledgerOf(engine)} where kind = 'migration'`), [
        { name: "ours/0002_things_create" },
      ]);
    });

    await t.test("a batch that moves nothing on is taken back and said", async (t) => {
      const theirs = await theirsFor(t, engine);
      write(
        theirs,
        "0001_things_create",
        "create table things (a integer); insert into things values (1)",
        undefined,
      );
      write(
        theirs,
        "0002_things_walk",
        "-- Transaction: batches\n-- While:       select a from things where a < 3\n\nupdate things set a = 2 where a = 1",
        undefined,
      );

      await t.rejects(up(theirs), { code: "migrate.no_progress" });

      t.same(
        await typed(
          theirs.database,
          `select a from ${engine.dialect === "sqlite" ? "things" : "public.things"}`,
        ),
        [{ a: 2 }],
      );
      t.equal(await atOf(theirs), "0001_things_create");
    });

    await t.test("a file outside of any transaction is run alone", async (t) => {
      const theirs = await theirsFor(t, engine);
      write(theirs, "0001_things_create", "create table things (a integer)", undefined);
      const text =
        engine.dialect === "sqlite"
          ? "vacuum"
          : "create index concurrently if not exists ix_things_a on things (a)";
      write(theirs, "0002_things_alone", `-- Transaction: none\n\n${text}`, undefined);

      await up(theirs);

      t.equal(await atOf(theirs), "0002_things_alone");
    });

    await t.test("a killed change goes on and ends as one that was not killed", async (t) => {
      const theirs = await theirsFor(t, engine);
      cpSync(example, theirs.dir, { recursive: true });
      await up(theirs, "0001_session_summaries_create");
      await fill(theirs, 30_000);
      const before = await rowsOf(theirs);
      await up(theirs, "0002_session_summaries_expand");

      const killed = await stoppedAtBatch(theirs, "SIGKILL");
      const left = await countOf(theirs, "snapshot_ip_type is null and snapshot_ip_types is not null");
      const asked = await stoppedAtBatch(theirs, "SIGTERM");
      await up(theirs);

      t.equal(killed.signal, "SIGKILL");
      t.ok(left > 0, `${left} rows were left`);
      t.equal(asked.code, 143);
      t.same(await rowsOf(theirs), before);
      t.same(await verify(theirs), []);
    });

    await t.test("a store and a folder in one database know nothing of each other", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const dir = join(t.testdir({}), "ours");
      const theirs = {
        place: { db: store.db, target: store.target, dispose: store.dispose },
        dir,
        database: store.database,
      };
      const trigger =
        engine.dialect === "sqlite"
          ? "create trigger things_noted after insert on things begin update things set a = 2 where a = 1; end"
          : "create function noted () returns trigger language plpgsql as $$ begin new.a := 2; return new; end; $$; create trigger things_noted before insert on things for each row execute function noted ()";
      write(
        theirs,
        "0001_things_create",
        `create table things (a integer); create view seen as select a from things; ${trigger}`,
        undefined,
      );
      await up(theirs);
      const { schema_version } = JSON.parse(
        (await warm(["migrate", "status", "--json", "--db", store.db])).stdout,
      ) as {
        schema_version: string;
      };

      const downed = await warm(["migrate", "down", "--confirm", schema_version, "--db", store.db]);
      const again = await warm(["migrate", "up", "--db", store.db]);
      const status = await warm(["status", "--db", store.db]);
      const things = engine.dialect === "sqlite" ? "things" : "public.things";
      await typed(store.database, `insert into ${things} values (1)`);

      t.same([downed.code, again.code, status.code], [0, 0, 0], again.stderr);
      t.same(
        await typed(store.database, `select a from ${engine.dialect === "sqlite" ? "seen" : "public.seen"}`),
        [{ a: 2 }],
      );
      t.equal(await atOf(theirs), "0001_things_create");
    });
  });
}

void t.test(
  "SQLite: a journal is kept as its owner wants it, a missing file is made only when asked",
  async (t) => {
    const place = await emptyPlace({ name: "SQLite", dialect: "sqlite" });
    t.teardown(place.dispose);
    const theirs = { place, dir: join(t.testdir({}), "ours"), database: undefined as never };
    write(
      { ...theirs, engine: "sqlite" },
      "0001_things_create",
      "create table things (a integer)",
      undefined,
    );

    const missing = await run(theirs, "up");
    const plain = new DatabaseHandle(place.db);
    plain.exec("create table before_us (a integer)");
    plain.close();
    const done = await run(theirs, "up");
    const after = new DatabaseHandle(place.db);
    const mode = after.pragma("journal_mode", { simple: true });
    after.close();

    t.match(missing, { code: 1, stderr: /There is no database.*--create/s });
    t.equal(done.code, 0, done.stderr);
    t.equal(mode, "delete");
  },
);

void t.test(
  "SQLite: a change that breaks a reference or a view is taken back; what was broken before is let be",
  async (t) => {
    const theirs = await theirsFor(t, { name: "SQLite", dialect: "sqlite" });
    await typed(theirs.database, "create table parents (id integer primary key)");
    await typed(theirs.database, "create table children (parent integer references parents (id))");
    await typed(theirs.database, "pragma foreign_keys = off");
    await typed(theirs.database, "insert into children values (7)");
    await typed(theirs.database, "create view broken as select missing_function(id) as a from parents");
    write(theirs, "0001_parents_note", "alter table parents add column note text", undefined);
    write(theirs, "0002_children_orphan", "insert into children values (8)", undefined);

    await up(theirs, "0001_parents_note");

    await t.rejects(up(theirs), { code: "migrate.foreign_key" });
    t.equal(await atOf(theirs), "0001_parents_note");
    await typed(theirs.database, "drop view broken");
    rmSync(join(theirs.dir, "sqlite/0002_children_orphan.up.sql"));
    await typed(theirs.database, "create view noted as select note from parents");
    write(
      theirs,
      "0002_parents_drop",
      "drop table parents; create table parents (id integer primary key)",
      undefined,
    );
    await t.rejects(up(theirs), { code: "migrate.does_not_compile" });
  },
);

async function theirsFor(t: Test, engine: Engine): Promise<Theirs> {
  const place = await emptyPlace(engine);
  t.teardown(place.dispose);
  const database = await openDatabase(place.target, { create: true });
  t.teardown(async () => closeDatabase(database));
  return { place, dir: join(t.testdir({}), "ours"), database };
}

function write(
  { dir, database, engine }: Pick<Theirs, "dir" | "database"> & { engine?: "sqlite" | "postgres" },
  name: string,
  upText: string,
  downText: string | undefined,
): void {
  const base = join(dir, engine ?? database.dialect, name);
  mkdirSync(dirname(base), { recursive: true });
  writeFileSync(`${base}.up.sql`, `${upText};\n`);
  if (downText !== undefined) writeFileSync(`${base}.down.sql`, `${downText};\n`);
}

function folderOf({ dir, database }: Theirs): ReturnType<typeof readFolder> {
  return readFolder(dir, "", database.dialect);
}

async function up(theirs: Theirs, last = ""): ReturnType<typeof folderUp> {
  return folderUp(theirs.database, theirs.place.target, folderOf(theirs), last, silent);
}

async function down(theirs: Theirs): Promise<void> {
  const plan = await folderDownPlan(theirs.database, folderOf(theirs));
  if (plan.length === 0) throw new Error("nothing is applied");
  await folderDown(theirs.database, theirs.place.target, folderOf(theirs), plan, silent);
}

async function verify(theirs: Theirs): ReturnType<typeof folderVerify> {
  return folderVerify(theirs.database, theirs.place.target, folderOf(theirs));
}

async function atOf(theirs: Theirs): Promise<string | null> {
  return (await folderStatus(theirs.database, folderOf(theirs))).schema_version;
}

async function run(
  { place, dir }: Pick<Theirs, "place" | "dir">,
  verb: string,
  ...words: string[]
): ReturnType<typeof warm> {
  return warm(["migrate", verb, ...words, "--dir", dir, "--db", place.db]);
}

function ledgerOf({ dialect }: Engine): string {
  return dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
}

const table = ({ database }: Theirs): string =>
  database.dialect === "sqlite" ? "session_summaries" : "public.session_summaries";

/** So many sessions, a fifth without a type. */
async function fill(theirs: Theirs, count: number): Promise<void> {
  const numbers =
    theirs.database.dialect === "sqlite"
      ? `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})`
      : `with numbers (n) as (select * from generate_series(1, ${count}))`;
  const id =
    theirs.database.dialect === "sqlite" ? "printf('%08x', n * 7919)" : "lpad(to_hex(n * 7919), 8, '0')";
  await typed(
    theirs.database,
    `insert into ${table(theirs)} (session_id, first_event_at, snapshot_ip_types) ` +
      `${numbers} select ${id}, '2026-01-05', case when n % 5 = 0 then null when n % 2 = 0 then 'VPN' else 'TOR' end from numbers`,
  );
}

/** Every row, whichever name its column has. */
async function rowsOf(theirs: Theirs): Promise<unknown[]> {
  const rows = await typed(theirs.database, `select * from ${table(theirs)} order by session_id`);
  return rows.map((row) => [row["session_id"], row["snapshot_ip_type"] ?? row["snapshot_ip_types"] ?? null]);
}

async function countOf(theirs: Theirs, where: string): Promise<number> {
  const [row] = await typed(theirs.database, `select count(*) as n from ${table(theirs)} where ${where}`);
  return Number(row?.["n"]);
}

/** Runs `migrate up` and stops it once it has committed a batch more. */
async function stoppedAtBatch(
  theirs: Theirs,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const before = await countOf(theirs, "snapshot_ip_type is not null");
  const child = spawn(
    process.execPath,
    [program, "migrate", "up", "--dir", theirs.dir, "--db", theirs.place.db],
    {
      stdio: "ignore",
    },
  );
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, by) => {
      resolve({ code, signal: by });
    });
  });
  while (child.exitCode === null && (await countOf(theirs, "snapshot_ip_type is not null")) === before)
    await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill(signal);
  return ended;
}
