import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import t from "tap";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import { setSetting } from "../helpers/jobs.ts";
import { storeFor, told } from "../helpers/runbook-runs.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { warm } from "../helpers/warm.ts";

const mebibyte = 1_048_576;

for (const engine of engines()) {
  void t.test(`${engine.name}: a store that is tuned wrongly stops the run until it is mended`, async (t) => {
    const store = await storeFor(t, engine);
    await setSetting(store, "job_batch_ms", 10);
    if (engine.dialect === "postgres") await makeUnknown(store);

    const unknown = await told(store.db, "run", "tuning-by-size");
    if (engine.dialect === "postgres") await typed(store.database, "analyze unknown_rows");
    const closed = engine.dialect === "postgres" ? await told(store.db, "resume") : unknown;
    await setSetting(store, "job_batch_ms", 200);
    const open = await told(store.db, "resume");

    if (engine.dialect === "postgres") t.match(unknown, { stopped_at: { section: "Run", label: "4" } });
    t.match(closed, {
      state: "stopped",
      exit_code: 24,
      stopped_at: { section: "Run", label: "5" },
      why: /gate is closed/,
    });
    t.match(open, { state: "done", exit_code: 0 });
  });

  void t.test(
    `${engine.name}: a disk that is full of what nobody needs stops the run until it is gone`,
    async (t) => {
      const store = await storeFor(t, engine);
      await fillWithDead(store);

      const closed = await told(store.db, "run", "disk-full");
      await typed(store.database, engine.dialect === "sqlite" ? "vacuum" : "vacuum junk");
      const open = await told(store.db, "resume");

      const label = engine.dialect === "sqlite" ? "4" : "3";
      t.match(closed, {
        state: "stopped",
        exit_code: 24,
        stopped_at: { section: "Run", label },
        why: /gate is closed/,
      });
      t.match(open, { state: "done", exit_code: 0 });
    },
  );

  void t.test(`${engine.name}: a store that was used since its install is not taken back`, async (t) => {
    const store = await storeFor(t, engine);
    const undo = ["run", "first-install", "--undo"];

    const closed = await told(store.db, "run", "first-install", "--undo");
    await typed(
      store.database,
      `insert into runbook_runs
         (runbook, direction, digest, tool_version, state, step_count, actor, worker, started_at, finished_at)
       select 'first-install', 'forward', '${"0".repeat(64)}', '0', 'done', 1, 'dba', 'w', max(sealed_at), max(sealed_at)
       from ingest_batches`,
    );
    const open = await warm(["runbook", ...undo, "--dry-run", "--json", "--db", store.db]);

    t.match(closed, { state: "stopped", exit_code: 24, stopped_at: { section: "Undo", label: "1" } });
    t.match(JSON.parse(open.stdout), { is_open: true }, "what its own run has loaded stands in nobody's way");
    t.equal(open.code, 0);
  });

  if (engine.dialect === "postgres") {
    void t.test(
      `${engine.name}: a transaction that does nothing stops the run until it is ended`,
      async (t) => {
        const store = await storeFor(t, engine);
        const holder = postgres(store.db, { max: 1, onnotice: () => undefined });
        t.teardown(async () => holder.end({ timeout: 1 }));
        const held = await holder.reserve();
        await held.unsafe("begin; lock table cowrie.settings in access exclusive mode");
        await new Promise((resolve) => setTimeout(resolve, 1_100));

        const closed = await told(store.db, "run", "stuck-lock", "--set", "HELD_SECONDS=1");
        const [{ pid } = { pid: 0 }] = await held<{ pid: number }[]>`select pg_backend_pid() as pid`;
        const busy = held`select pg_sleep(60)`.catch(() => undefined);
        const waiter = postgres(store.db, { max: 1, onnotice: () => undefined });
        t.teardown(async () => waiter.end({ timeout: 1 }));
        const waits = waiter.unsafe("select count(*) from cowrie.settings").execute();
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        const waiting = await told(store.db, "resume");
        await typed(store.database, `select pg_terminate_backend(${pid})`);
        await Promise.all([busy, waits]);
        const open = await told(store.db, "resume");

        t.match(closed, {
          state: "stopped",
          exit_code: 24,
          stopped_at: { section: "Run", label: "2" },
          why: /gate is closed/,
        });
        t.match(
          waiting,
          { exit_code: 24, stopped_at: { section: "Run", label: "3" } },
          "one who waits is shown",
        );
        t.match(open, { state: "done", exit_code: 0 });
      },
    );
  }
}

// Each step waits for the lock, half a minute in all; tests/commands/runbook.test.ts meets a locked store every time.
if (process.env["COWRIEDB_NIGHTLY"] === "1") {
  void t.test(
    "SQLite: a lock that is held stops the run with 75, and it goes through when that is over",
    async (t) => {
      const store = await storeFor(t, { name: "SQLite", dialect: "sqlite" });
      const holder = new DatabaseHandle(store.db);
      t.teardown(() => holder.close());
      holder.exec("begin immediate");

      const closed = await told(store.db, "run", "stuck-lock", "--set", "HELD_SECONDS=1");
      holder.exec("rollback");
      const open = await told(store.db, "run", "stuck-lock", "--set", "HELD_SECONDS=1");

      t.match(closed, {
        state: "stopped",
        exit_code: 75,
        stopped_at: { section: "Verify" },
        why: /exit code 75/,
      });
      t.match(open, { state: "done", exit_code: 0 });
    },
  );
}

void t.test(
  "SQLite: a disk without a free byte stops the run where it writes, and nothing is lost",
  async (t) => {
    const disk = smallDisk(64 * mebibyte);
    if (disk === undefined) return t.comment("This user may not mount a disk.");
    t.teardown(disk.remove);
    const store = await storeFor(t, { name: "SQLite", dialect: "sqlite" });
    await typed(store.database, "pragma wal_checkpoint(truncate)");
    const db = join(disk.path, "store.sqlite");
    copyFileSync(store.db, db);
    const filler = join(disk.path, "filler");
    writeFileSync(filler, Buffer.alloc(64 * mebibyte - disk.usedBytes()));

    const closed = await told(db, "run", "disk-full");
    rmSync(filler);
    const open = await told(db, "run", "disk-full");

    t.match(closed, { state: "stopped", exit_code: 24 });
    t.match(closed.why, /full|cannot be checked|exit code 1 /, "it says why");
    t.match(open, { state: "done", exit_code: 0 });
  },
);

/** Leaves more than 40 MB of free pages, or more than a million dead rows. */
async function fillWithDead(store: TestStore): Promise<void> {
  if (store.database.dialect === "sqlite") {
    await typed(store.database, "create table junk (bytes blob)");
    await typed(store.database, `insert into junk (bytes) values (zeroblob(${45 * mebibyte}))`);
    await typed(store.database, "drop table junk");
    return;
  }
  await typed(store.database, "create table junk (a integer) with (autovacuum_enabled = false)");
  await typed(store.database, "insert into junk select * from generate_series(1, 1000100)");
  await typed(store.database, "delete from junk");
  await counted(store, "n_dead_tup", "junk", 1_000_001);
}

/** Leaves more than 100,000 rows that no statistics know. */
async function makeUnknown(store: TestStore): Promise<void> {
  await typed(store.database, "create table unknown_rows (a integer) with (autovacuum_enabled = false)");
  await typed(store.database, "insert into unknown_rows select * from generate_series(1, 100100)");
  await counted(store, "n_mod_since_analyze", "unknown_rows", 100_001);
}

/** Waits until the server has counted so many rows. */
async function counted(store: TestStore, column: string, table: string, least: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (let count = 0; count < least && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [row] = await typed(
      store.database,
      `select coalesce(max(${column}), 0) as n from pg_stat_user_tables where relname = '${table}'`,
    );
    count = Number(row?.["n"]);
  }
}
