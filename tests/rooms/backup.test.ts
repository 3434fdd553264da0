import { existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import t, { type Test } from "tap";
import { assertEqual, type Facts } from "../../src/backup/facts.ts";
import { placed } from "../../src/backup/place.ts";
import { hexDigestOf } from "../../src/checksum.ts";
import { proveLedger } from "../../src/migrate/ledger.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { differing } from "../helpers/contents.ts";
import { engines, freshStore, throwAwayDatabase, typed, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { started, storeOfSessions, until } from "../helpers/jobs.ts";
import { atMs, runAndKill } from "../helpers/kill.ts";
import { warm } from "../helpers/warm.ts";
import { openDatabase, closeDatabase } from "../../src/db/open.ts";

interface Told {
  digest: string;
  bytes: number;
  facts: Facts;
  proved: string[];
  not_proved: string[];
}

const sqlite = engines().filter(({ dialect }) => dialect === "sqlite");
const postgres = engines().filter(({ dialect }) => dialect === "postgres");

for (const engine of sqlite) {
  void t.test("a copy made beside a load is the store as it was at one moment", async (t) => {
    const store = await storeOfSessions(t, engine, 400);
    const folder = t.testdir({});
    const log = join(folder, "more.json");
    writeFileSync(log, logOf(generatedLines(6_000, 23, 500)));
    const { ended } = started(t, ["ingest", "bulk", log, "--batch-size", "50", "--quiet", "--db", store.db]);
    const batches = async (): Promise<number> => {
      const [row] = await typed(store.database, "select count(*) as n from ingest_batches");
      return Number(row?.["n"]);
    };
    const before = await batches();
    await until("the load is at work", async () => (await batches()) > before + 2);

    const path = join(folder, "copy.sqlite");
    const { code, stdout, stderr } = await warm(["backup", path, "--json", "--db", store.db]);
    const during = await batches();
    t.equal((await ended).code, 0, "the load went on");

    t.equal(code, 0, stderr);
    const told = JSON.parse(stdout) as Told;
    const { digest, bytes, facts } = told;
    t.match(JSON.parse(readFileSync(`${path}.json`, "utf8")), { format: "cowriedb backup 1", ...told });
    t.equal(hexDigestOf(readFileSync(path)), digest);
    t.equal(statSync(path).size, bytes);
    t.equal(statSync(path).mode & 0o777, 0o600, "nobody else may read it");
    t.ok((facts.tables["ingest_batches"] ?? 0) > before, "it has what was loaded before");
    t.ok((await batches()) > (facts.tables["ingest_batches"] ?? 0), "and not what came later");
    t.comment(
      `${facts.tables["ingest_batches"]} batches in the copy, ${during} in the store when it was made`,
    );
    const proof = await warm(["verify", "--full", "--db", path]);
    t.equal(proof.code, 0, "events, evidence and chain of the copy hold");
    t.same(
      readdirSync(folder).filter((name) => !name.startsWith("copy.sqlite") && name !== "more.json"),
      [],
    );
  });

  void t.test("a copy has the rows of its source, and is restored by copying it again", async (t) => {
    const store = await storeOfSessions(t, engine, 60);
    const folder = t.testdir({});
    const [copy, again] = [join(folder, "copy.sqlite"), join(folder, "again.sqlite")];

    await warm(["backup", copy, "--db", store.db]);
    const { code } = await warm(["backup", again, "--db", copy]);

    t.equal(code, 0);
    const restored = await openDatabase({ dialect: "sqlite", path: again });
    t.same(differing(await canonicalTables(restored), await canonicalTables(store.database)), []);
    const ledger = await proveLedger(restored);
    t.same(ledger, await proveLedger(store.database), "the chain of the ledger came along");
    t.same(ledger.broken, []);
    await closeDatabase(restored);
  });

  void t.test("no file is replaced, and nothing is left of a backup that fails or is killed", async (t) => {
    const store = await storeOfSessions(t, engine, 60);
    const folder = t.testdir({
      there: "mine",
      "beside.json": "mine",
      "no-store": "no database at all".repeat(99),
    });
    const to = async (name: string, db = store.db): Promise<number | null> =>
      (await warm(["backup", join(folder, name), "--db", db])).code;

    t.equal(await to("there"), 1);
    t.equal(await to("beside"), 1, "nor the document of another one");
    t.equal(await to("no-folder/x"), 1);
    t.equal(await to("x", join(folder, "no-store")), 1);
    t.equal(await to("x", join(folder, "nothing")), 1);
    t.equal(readFileSync(join(folder, "there"), "utf8"), "mine");
    t.same(readdirSync(folder).sort(), ["beside.json", "no-store", "there"]);
    const late = join(folder, "late");
    const meanwhile = placed(late, (part) => {
      writeFileSync(part, "ours");
      return Promise.resolve(writeFileSync(late, "mine"));
    });
    await t.rejects(meanwhile, { code: "backup.exists" }, "nor one that is made while the backup is");
    t.equal(readFileSync(late, "utf8"), "mine");

    for (const ms of [150, 250, 350, 450])
      await runAndKill(["backup", join(folder, `k${ms}`), "--db", store.db], atMs(ms));
    for (const name of readdirSync(folder).filter((file) => /^k\d+$/.test(file))) {
      t.equal(
        (await warm(["verify", "--db", join(folder, name)])).code,
        0,
        `${name} has its name, so it is whole`,
      );
    }
  });

  void t.test("a damaged store gives no backup", async (t) => {
    const store = await storeOfSessions(t, engine, 200);
    if (store.database.dialect === "sqlite") store.database.handle.pragma("wal_checkpoint(truncate)");
    const file = openSync(store.db, "r+");
    const pages = statSync(store.db).size / 4096;
    for (let page = Math.floor(pages / 2); page < pages / 2 + 5; page++)
      writeSync(file, randomBytes(2_000), 0, 2_000, page * 4096 + 1_000);
    const folder = t.testdir({});

    const { code, stderr } = await warm(["backup", join(folder, "copy"), "--db", store.db]);

    t.equal(code, 1, stderr);
    t.match(stderr, /damaged|malformed/);
    t.same(readdirSync(folder), []);
  });
}

for (const engine of postgres) {
  void t.test(`a dump is of one moment and can be restored, on ${engine.name}`, async (t) => {
    const store = await storeOfSessions(t, engine, 60);
    const folder = t.testdir({});
    const path = join(folder, "store.dump");
    const scratch = await emptyDatabase(t, engine);

    const plain = await warm(["backup", join(folder, "plain.dump"), "--json", "--db", store.db]);
    if (isTooOld(plain.stderr)) {
      t.match(plain, { code: 1, stderr: /pg_dump here is of version \d+, and the server of \d+/ });
      t.same(readdirSync(folder), [], "nothing is left");
      return;
    }
    const restored = await warm(["backup", path, "--verify-into", scratch, "--json", "--db", store.db]);
    const again = await warm(["backup", `${path}2`, "--verify-into", scratch, "--db", store.db]);

    t.equal(plain.code, 0, plain.stderr);
    t.match((JSON.parse(plain.stdout) as Told).not_proved, [/--verify-into/]);
    t.equal(restored.code, 0, restored.stderr);
    t.match((JSON.parse(restored.stdout) as Told).proved, [/one moment/, /restored/]);
    t.match(again, { code: 1, stderr: /There is a store in/ });
    t.notOk(existsSync(`${path}2`));
    const copy = await openDatabase({ dialect: "postgres", url: scratch, shown: "scratch" });
    t.same(differing(await canonicalTables(copy), await canonicalTables(store.database)), []);
    await closeDatabase(copy);
    t.equal((await warm(["verify", "--full", "--db", scratch])).code, 0, "the restored store holds");
    const log = join(folder, "more.json");
    writeFileSync(log, logOf(generatedLines(50, 29, 5)));
    t.equal((await warm(["ingest", "bulk", log, "--db", scratch])).code, 0, "and takes new loads");
  });

  void t.test(`without pg_dump there is a clear refusal, on ${engine.name}`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const path = join(t.testdir({}), "store.dump");

    const { code, stderr } = await warm(["backup", path, "--db", store.db], {
      env: { PATH: "/nowhere" },
    });

    t.equal(code, 1);
    t.match(stderr, /pg_dump cannot be run[\s\S]*Install the client programs/);
    t.notOk(existsSync(path));
  });
}

void t.test("any difference of facts is told", (t) => {
  const facts: Facts = {
    schema_version: "0016",
    ledger_digest: "aa",
    chain_position: 7,
    chain_digest: "bb",
    tables: { raw_events: 5 },
  };
  const others: Facts[] = [
    { ...facts, schema_version: "0015" },
    { ...facts, ledger_digest: "ab" },
    { ...facts, chain_position: 6 },
    { ...facts, chain_digest: "bc" },
    { ...facts, tables: { raw_events: 4 } },
    { ...facts, tables: {} },
    { ...facts, tables: { raw_events: 5, jobs: 0 } },
  ];
  t.doesNotThrow(() => {
    assertEqual(facts, structuredClone(facts), "The copy");
  });
  for (const other of others) {
    t.throws(
      () => {
        assertEqual(facts, other, "The copy");
      },
      { code: "backup.differs" },
    );
  }
  t.end();
});

/** Whether the client programs of this machine cannot read that server. */
function isTooOld(told: string): boolean {
  return /pg_dump here is of version/.test(told);
}

async function emptyDatabase(test: Test, engine: Engine): Promise<string> {
  const { url, drop } = await throwAwayDatabase(engine.url ?? "");
  test.teardown(drop);
  return url;
}
