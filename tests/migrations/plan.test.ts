import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import t, { type Test } from "tap";
import type { Target } from "../../src/config.ts";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { readingOnly } from "../../src/db/open-to-read.ts";
import type { Sqlite } from "../../src/db/sqlite.ts";
import type { Step } from "../../src/migrate/costs/estimate.ts";
import { readMigrations, readProcedures } from "../../src/migrate/files/files.ts";
import { folderUp } from "../../src/migrate/folder/change.ts";
import { readFolder } from "../../src/migrate/files/folder-files.ts";
import { planFolderUp } from "../../src/migrate/folder/plan.ts";
import { refuseStale } from "../../src/migrate/costs/live.ts";
import { downPlan, migrateDown, migrateUp } from "../../src/migrate/migrate.ts";
import { planUp } from "../../src/migrate/plan.ts";
import { postgresChanges } from "../../src/migrate/postgres-engine.ts";
import { sqliteChanges } from "../../src/migrate/sqlite-engine.ts";
import { statementsOf } from "../../src/migrate/files/statements.ts";
import { engines, freshStore, onServer, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { emptyPlace, forgeLedger } from "../helpers/empty.ts";
import { wireTo } from "../helpers/wire.ts";
import { warm } from "../helpers/warm.ts";

const silent = { stop: { requested: false }, onBatch: () => undefined };

/** A database whose every statement is seen. */
interface Watched {
  target: Target;
  /** What the engine was sent since it was last asked. */
  sent(): string[];
  up(): Promise<unknown>;
  upFolder(dir: string): Promise<unknown>;
  down(): Promise<unknown>;
  typed(text: string): Promise<unknown>;
  forge(text: string): Promise<unknown>;
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("what is planned is what is sent, byte for byte", async (t) => {
      const watched = await watchedOn(t, engine);
      const ledger = engine.dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
      const whole = (): number => readProcedures(engine.dialect).length;
      const stages: [string, () => Promise<unknown>, () => number][] = [
        ["nothing is there", async () => Promise.resolve(), whole],
        ["a migration is pending, the procedures are gone", async () => watched.down(), whole],
        [
          "a procedure was changed, one is no more",
          async () => {
            await watched.forge(
              `update ${ledger} set digest = 'old' where name = 'views/event_contributions'`,
            );
            await watched.typed(
              `insert into ${ledger} (ledger_id, kind, name, action, digest, duration_ms, actor, tool_version) values (99999, 'procedure', 'views/gone', 'apply', 'x', 0, 'a', 'b')`,
            );
          },
          () => 8,
        ],
      ];

      for (const [name, prepare, least] of stages) {
        await prepare();
        const plan = await readingOnly(watched.target, planUp);
        watched.sent();
        await watched.up();

        t.ok(plan.steps.length > least(), `${name}: ${plan.steps.length} steps`);
        t.same(comparable(watched.sent(), plan.steps, engine), planned(plan.steps, engine), name);
      }
      t.same((await readingOnly(watched.target, planUp)).steps, [], "nothing is pending");
    });

    await t.test("what is planned of a folder is what is sent, byte for byte", async (t) => {
      const watched = await watchedOn(t, engine);
      const dir = folderOf(t, engine, {
        "0001_things_create":
          "create table things (a integer, b text);\ninsert into things values (1, 'x;y') -- ;\n",
        "0002_things_index": "create index ix_things_a on things (a);",
        "0003_things_alone":
          engine.dialect === "sqlite"
            ? "-- Transaction: none\n\nvacuum;"
            : "-- Transaction: none\n\ncreate index concurrently if not exists ix_b on things (b);",
        "0004_things_walk":
          "-- Transaction: batches\n-- While:       select a from things where a < 2\n\nupdate things set a = a + 1;",
        "0005_things_note": `${engine.dialect === "sqlite" ? "PRAGMA case_sensitive_like = ON; pragma main.legacy_alter_table(1);\n" : ""}alter table things add column note text;`,
      });
      const folder = readFolder(dir, "ours", engine.dialect);
      const plan = await readingOnly(watched.target, async (database) => planFolderUp(database, folder, ""));
      watched.sent();

      await watched.upFolder(dir);

      t.same(comparable(watched.sent(), plan.steps, engine), planned(plan.steps, engine));
    });

    await t.test("a plan is made beside who locks everything, and changes not a byte", async (t) => {
      const store = await storeFor(t, engine);
      await migrateDown(changesOf(store), await downPlan(store.database, 1));
      if (store.database.dialect === "sqlite") store.database.handle.pragma("wal_checkpoint(truncate)");
      const before = await planOfStore(store);
      const bytes = bytesOf(store);

      const beside = await whileLocked(store, async () => planOfStore(store));

      t.same(beside, before);
      t.same(bytesOf(store), bytes);
      t.equal(before.migrations.length, 1);
    });

    await t.test("up --plan does what was looked at, and nothing else", async (t) => {
      const store = await storeFor(t, engine);
      await migrateDown(changesOf(store), await downPlan(store.database, 1));
      const last = readMigrations(engine.dialect).at(-1)?.name;
      const up = async (plan: string): ReturnType<typeof warm> =>
        warm(["migrate", "up", "--plan", plan, "--json", "--db", store.db]);
      const first = (await planOfStore(store)).plan_id;

      await typed(store.database, "create index ix_by_hand on jobs (worker)");
      const changed = await up(first);
      const second = (await planOfStore(store)).plan_id;
      const done = await up(second);

      t.match(JSON.parse(changed.stdout), {
        error: {
          code: "migrate.plan_stale",
          message: /is not what would be done now: the live schema changed/,
        },
      });
      t.throws(() => refuseStale("abc", { files: [], ledger: [], live: [], chosen: [] }), {
        code: "migrate.plan_stale",
      });
      t.match(JSON.parse(done.stdout), { schema_version: last, migrations: [{ name: last }] });
    });

    await t.test(
      "a folder's plan names the locks, and is refused once a file or the schema is another",
      async (t) => {
        const place = await emptyPlace(engine);
        t.teardown(place.dispose);
        const database = await openDatabase(place.target, { create: true });
        t.teardown(async () => closeDatabase(database));
        const things = engine.dialect === "sqlite" ? "things" : "public.things";
        await typed(database, `create table ${things} (a integer)`);
        await typed(database, `insert into ${things} values (1), (2), (3)`);
        if (engine.dialect === "postgres") await typed(database, `analyze ${things}`);
        const dir = folderOf(t, engine, { "0001_things_index": "create index ix_things_a on things (a);" });
        const words = ["--dir", dir, "--json", "--db", place.db];
        const planOf = async (): Promise<{ plan_id: string }> =>
          JSON.parse((await warm(["migrate", "plan", ...words])).stdout) as { plan_id: string };
        const codeOf = async (plan: string): Promise<unknown> =>
          (
            JSON.parse((await warm(["migrate", "up", "--plan", plan, ...words])).stdout) as {
              error?: { code: string };
            }
          ).error?.code;

        const plan = await planOf();
        await typed(database, `create table ${things}_by_hand (a integer)`);
        const schema = await codeOf(plan.plan_id);
        const second = await planOf();
        writeFileSync(
          join(dir, engine.dialect, "0001_things_index.up.sql"),
          "create index ix_other on things (a);",
        );
        const file = await codeOf(second.plan_id);
        const third = await planOf();
        const done = await codeOf(third.plan_id);

        t.match(plan, {
          locks: [
            {
              table: things,
              lock: engine.dialect === "sqlite" ? "WRITE" : "SHARE",
              blocks_reads: engine.dialect === "sqlite" && /.*/,
              blocks_writes: true,
              work: "scan",
              rows: 3,
              by: "0001_things_index",
              held_ms: null,
              source: "rule",
            },
          ],
          predicted_ms: null,
          unknown_locks: [],
        });
        t.same([schema, file, done], ["migrate.plan_stale", "migrate.plan_stale", undefined]);
      },
    );
  });
}

/** The statements of a plan as the engine's own record has them: SQLite's has each of a file, PostgreSQL's what came in one message. */
function planned(steps: readonly Step[], engine: Engine): string[] {
  const texts =
    engine.dialect === "sqlite"
      ? steps.flatMap(({ text }) => statementsOf(text, "sqlite").map((statement) => statement.text.trim()))
      : steps.map(({ text }) => text);
  return texts.map((text) => withoutValues(text, engine));
}

/** What was sent, without what reads and changes nothing, and without what the runner of PostgreSQL's files keeps for itself. */
function comparable(sent: readonly string[], steps: readonly Step[], engine: Engine): string[] {
  const wanted = new Set(planned(steps, engine));
  return writing(
    sent
      .map((text) => withoutValues(engine.dialect === "sqlite" ? text.trim() : text, engine))
      .filter((text) => wanted.has(text) || !isOfNoMatter(text))
      // The path for a look at the ledger, which is none of what changes something.
      .filter((text, index, all) => !(isPath(text) && isPath(all[index + 1]))),
  );
}

function isPath(text: string | undefined): boolean {
  return text?.startsWith("set local search_path") === true;
}

function isOfNoMatter(text: string): boolean {
  const words = text.replaceAll(/^\s*--.*$/gm, "").trim();
  if (/^with\b/i.test(words)) return !/\b(insert into|update|delete from|merge)\b/i.test(words);
  return (
    /^(select|pragma (table_xinfo|foreign_key_check)|explain)\b/i.test(words) ||
    // The check of the routines, which is taken back.
    /^(savepoint|release savepoint|rollback to savepoint) cowriedb_check/.test(words) ||
    /applied_migrations|^set client_connection_check_interval/.test(words)
  );
}

/** Transactions that begin and end with nothing but their limits between, or in which nothing may be written, are taken away. */
function writing(texts: readonly string[]): string[] {
  const kept: string[] = [];
  let open: string[] | undefined;
  for (const text of texts) {
    if (/^begin\b/.test(text)) open = [];
    (open ?? kept).push(text);
    if (open === undefined || text !== "commit") continue;
    const isEmpty = open.every((one) => /^(begin|commit|set (local|transaction)) ?/.test(one));
    if (!isEmpty) kept.push(...open);
    open = undefined;
  }
  return kept;
}

/** SQLite's record has the values of an entry of the ledger in the place of their names. */
function withoutValues(text: string, { dialect }: Engine): string {
  return dialect === "sqlite"
    ? text
        .replace(/(insert into schema_ledger[^)]*\)\s*values)[\s\S]*/, "$1")
        .replace(/(update schema_ledger\s+set)\s+body =[\s\S]*/, "$1")
    : text;
}

async function watchedOn(t: Test, engine: Engine): Promise<Watched> {
  if (engine.dialect === "sqlite") return watchedSqlite(t);
  const { target, dispose } = await emptyPlace(engine);
  t.teardown(dispose);
  if (target.dialect === "sqlite") throw new TypeError("a server has a URL");
  const database = await openDatabase(target);
  t.teardown(async () => closeDatabase(database));
  const wire = await wireTo(target.url);
  t.teardown(wire.close);
  const watched: Target = { dialect: "postgres", url: wire.url, shown: wire.url };
  const changes = postgresChanges(wire.url, wire.url);
  return {
    target,
    sent: wire.sent,
    up: async () => migrateUp(database, changes),
    upFolder: async (dir) => folderUp(database, watched, readFolder(dir, "ours", "postgres"), "", silent),
    down: async () => migrateDown(changes, await downPlan(database, 1)),
    typed: async (text) => typed(database, text),
    forge: async (text) => forgeLedger(database, text),
  };
}

async function watchedSqlite(t: Test): Promise<Watched> {
  const { db, target, dispose } = await emptyPlace({ name: "SQLite", dialect: "sqlite" });
  t.teardown(dispose);
  let seen: string[] = [];
  const handle = new DatabaseHandle(db, { verbose: (text) => void seen.push(String(text)) });
  handle.pragma("journal_mode = wal");
  handle.pragma("foreign_keys = on");
  t.teardown(() => {
    handle.close();
  });
  const store: Sqlite = { dialect: "sqlite", handle, name: "store", path: db, journal: "wal" };
  const changes = sqliteChanges(store);
  return {
    target,
    sent: () => {
      const sent = seen;
      seen = [];
      return sent;
    },
    up: async () => migrateUp(store, changes),
    upFolder: async (dir) => folderUp(store, target, readFolder(dir, "ours", "sqlite"), "", silent),
    down: async () => migrateDown(changes, await downPlan(store, 1)),
    typed: async (text) => typed(store, text),
    forge: async (text) => forgeLedger(store, text),
  };
}

/** Runs `work` while another session holds all that can be held. */
async function whileLocked<T>(store: TestStore, work: () => Promise<T>): Promise<T> {
  if (store.target.dialect === "sqlite") {
    const other = new DatabaseHandle(store.target.path);
    try {
      other.exec("begin exclusive; update settings set value = value");
      return await work();
    } finally {
      other.exec("rollback");
      other.close();
    }
  }
  let result: { value: T } | undefined;
  await onServer(store.target.url, async (sql) =>
    sql
      .begin(async (connection) => {
        const tables = await connection.unsafe(
          "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'cowrie' and tablename <> 'schema_ledger'",
        );
        await connection.unsafe(
          `lock table ${tables.map((row) => String(row["name"])).join(", ")} in access exclusive mode`,
        );
        result = { value: await work() };
        throw new Error("taken back");
      })
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== "taken back") throw error;
      }),
  );
  if (result === undefined) throw new Error("nothing was done");
  return result.value;
}

async function planOfStore(store: TestStore): ReturnType<typeof planUp> {
  return readingOnly(store.target, planUp);
}

function bytesOf({ target }: TestStore): string {
  return target.dialect === "sqlite" ? readFileSync(target.path).toString("base64") : "";
}

function changesOf({ database, target }: TestStore): ReturnType<typeof sqliteChanges> {
  if (database.dialect === "sqlite") return sqliteChanges(database);
  if (target.dialect === "sqlite") throw new TypeError("a server has a URL");
  return postgresChanges(target.url, target.shown);
}

function folderOf(t: Test, { dialect }: Engine, files: Record<string, string>): string {
  const dir = join(t.testdir({}), "ours");
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, dialect, `${name}.up.sql`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return dir;
}

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  return store;
}
