import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { downPlan, migrateDown } from "../../src/migrate/migrate.ts";
import { engines, filledStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { changesFor, forgeLedger } from "../helpers/empty.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { warm } from "../helpers/warm.ts";

interface Document {
  healthy: boolean;
  versions: Record<string, string>;
  sizes: { name: string; size_bytes: number }[];
  free_bytes: number | null;
  findings: { area: string; subject: string; level: string; present: string; command: string }[];
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a store that is well is told so", async (t) => {
      const store = await storeFor(t, engine);

      const { code, stdout } = await warm(["doctor", "--db", store.db]);
      const document = await documentOf(store);

      const wrong = document.findings.filter(({ level }) => level === "fault" || level === "warning");
      t.same(
        wrong.map(({ subject }) => subject),
        throwAway[engine.dialect],
        stdout,
      );
      t.equal(code, wrong.length === 0 ? 0 : 20);
      t.equal(document.healthy, wrong.length === 0);
      t.ok(stdout.split("\n").length <= 20, stdout);
      t.match(document.versions, {
        engine: engine.name,
        cowriedb: /^\d/,
        schema: /^\d{4}_/,
        node: /^v\d/,
        driver: / \d/,
      });
      t.ok(document.sizes.some(({ name, size_bytes: bytes }) => name === "raw_events" && bytes > 0));
      t.equal(document.free_bytes === null, engine.dialect === "postgres");
      for (const subject of ["drift", "proof", "migrations"])
        t.equal(levelOf(document, subject), "ok", subject);
      t.equal(levelOf(document, "ledger"), undefined);
      t.equal(levelOf(document, "privileges"), (await hasForeignRights(store)) ? "note" : "ok");
    });

    await t.test(
      "a forged ledger and what a killed run has left are named, until they are gone",
      async (t) => {
        const store = await storeFor(t, engine);
        const [make, drop, name] = shadowOf(t, engine);
        await forgeLedger(store.database, "update schema_ledger set actor = 'x' where ledger_id = 2");
        await make(store);

        const { findings } = await documentOf(store);
        await drop(store);
        const after = await documentOf(store);

        t.match(
          findings.find(({ subject }) => subject === "ledger"),
          { level: "warning", command: `cowriedb migrate verify --db ${store.db}` },
        );
        t.match(
          findings.find(({ subject }) => subject === name),
          { area: "shadows", level: "note", command: new RegExp(`${name}$`) },
        );
        t.equal(levelOf(after, name), undefined);
      },
    );

    await t.test("each ill is named, with what to do", async (t) => {
      const store = await storeFor(t, engine);
      for (const [, sql] of ills[engine.dialect]) await typed(store.database, sql);

      const { code, stdout } = await warm(["doctor", "--db", store.db]);
      const { findings, healthy } = await documentOf(store);

      t.equal(code, 20);
      t.equal(healthy, false);
      t.ok(stdout.split("\n").length <= 21, stdout);
      for (const [subject, , level, command] of ills[engine.dialect].filter(
        ([subject]) => subject !== "none",
      )) {
        const found = findings.find((one) => one.subject === subject && one.level !== "ok");
        t.match(found, { level, command }, subject);
      }

      await migrateDown(changesFor(store.database, store.target), await downPlan(store.database, 1));
      const pending = (await documentOf(store)).findings.find(({ subject }) => subject === "migrations");
      t.match(pending, { level: "warning", command: /migrate up/ });
    });
  });
}

/** What is wrong with the tests' servers, which nobody needs after a crash. */
const throwAway = { sqlite: [], postgres: ["fsync", "full_page_writes", "synchronous_commit"] };

type Ill = readonly [subject: string, sql: string, level: string, command: RegExp];

/** Ills of both engines. */
const common: readonly Ill[] = [
  ["drift", "drop index ix_sources_fingerprint", "warning", /migrate drift/],
  [
    "job 901",
    "insert into jobs (job_id, kind, state, actor, worker, heartbeat_at) values (901, 'rebuild_summaries', 'running', 'x', 'w', '2026-01-05T00:00:00.000000Z')",
    "fault",
    /jobs resume --db .* 901/,
  ],
  ["none", "insert into jobs (job_id, kind, actor) values (902, 'rebuild_command_stats', 'x')", "", /x/],
  ["job 902", "update jobs set state = 'failed' where job_id = 902", "warning", /jobs show --db .* 902/],
  ["proof", "update reconcile_runs set finished_at = '2026-01-05T00:00:00.000000Z'", "warning", /reconcile/],
  [
    "verification",
    "insert into verifications (scope, state, first_position, proved_position, batches, events, sessions, differences, unproved, tool_version, finished_at) values ('full', 'differences', 0, 0, 1, 1, 1, 3, 0, 'x', '2026-01-05T00:00:00.000000Z')",
    "fault",
    /verify/,
  ],
];

const ills: Record<Engine["dialect"], readonly Ill[]> = {
  sqlite: [...common, ["journal_mode", "pragma journal_mode = delete", "warning", /journal_mode = wal/]],
  postgres: [
    ...common,
    ["session_replication_role", setting("session_replication_role = replica"), "fault", /alter system/],
  ],
};

/** Whether roles may do more or less than they should, which on the tests' servers is others' doing. */
async function hasForeignRights({ database }: TestStore): Promise<boolean> {
  if (database.dialect === "sqlite") return false;
  return (await typed(database, "select 1 from check_role_privileges limit 1")).length > 0;
}

type Step = (store: TestStore) => Promise<void>;

/** Makes a throw-away database as a killed run leaves it, and drops it; its name. */
function shadowOf(t: Test, { dialect }: Engine): [make: Step, drop: Step, name: string] {
  if (dialect === "postgres") {
    const name = `cowriedb_shadow_${randomBytes(6).toString("hex")}`;
    const say =
      (text: string): Step =>
      async ({ database }) =>
        void (await typed(database, `${text} ${name}`));
    return [say("create database"), say("drop database if exists"), name];
  }
  const folder = mkdtempSync(join(tmpdir(), "cowriedb_shadow_999999999_"));
  const drop = async (): Promise<void> => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  t.teardown(drop);
  return [async () => Promise.resolve(), drop, folder];
}

function setting(text: string): string {
  return `do $$ begin execute format('alter database %I set ${text}', current_database()); end $$`;
}

/** A store with a load and a proof of it. */
async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await filledStore(engine, "doctor", async ({ database, db }) => {
    await loadInProcess(database, "cowrie.json", logOf(generatedLines(60, 7, 6)), [30]);
    await warm(["reconcile", "--db", db]);
  });
  t.teardown(store.dispose);
  if (store.database.dialect === "sqlite") store.database.handle.pragma("journal_mode = wal");
  return store;
}

async function documentOf({ db }: TestStore): Promise<Document> {
  return JSON.parse((await warm(["doctor", "--json", "--db", db])).stdout) as Document;
}

function levelOf({ findings }: Document, subject: string): string | undefined {
  return findings.find((one) => one.subject === subject)?.level;
}
