import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { deltaPass } from "../../src/ingest/follow/delta.ts";
import { patientStore } from "../../src/ingest/follow/patience.ts";
import { rateLimit } from "../../src/ingest/follow/rate.ts";
import { canonicalEvents, canonicalTables } from "../helpers/canonical.ts";
import { program, scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadContents } from "../helpers/load.ts";
import { warm } from "../helpers/warm.ts";

const waiting = "select 1 from pg_locks where not granted";
const log = logOf(generatedLines(3_000, 7, 200));

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    const expected = await bulkContents(engine, log);

    await t.test("passes over a log that grows anyhow give what one load gives", async (t) => {
      const cuts = fc.array(fc.integer({ min: 0, max: log.length }), { minLength: 1, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(cuts, async (places) => {
          const { store, folder } = await place(t, engine);
          const delta = passOver(store, folder);
          let at = 0;
          for (const end of [...places.sort((left, right) => left - right), log.length]) {
            appendFileSync(join(folder, "cowrie.json"), log.subarray(at, end));
            at = end;
            await delta();
          }
          t.same(await contentsOf(store), expected, `ends at ${places.join(", ")}`);
        }),
        { numRuns: scaled(30), seed: 20_261_122 },
      );
    });

    await t.test(
      "a follower and a bulk load of the same files at once give what one load gives",
      async (t) => {
        const { store, folder } = await place(t, engine);
        writeFileSync(join(folder, "cowrie.json"), log.subarray(0, log.length / 3));
        const follower = started(["ingest", "delta", folder, "--follow", "--db", store.db]);
        appendFileSync(join(folder, "cowrie.json"), log.subarray(log.length / 3, log.length / 2));
        const bulk = await warm(["ingest", "bulk", folder, "--db", store.db, "--batch-size", "100"]);
        appendFileSync(join(folder, "cowrie.json"), log.subarray(log.length / 2));
        await until(
          async () => (await contentsOf(store))["raw_events"]?.length === expected["raw_events"]?.length,
        );
        follower.child.kill("SIGTERM");
        const ended = await follower.ended;

        t.equal(bulk.code, 0, bulk.stderr);
        t.equal(ended.code, 143);
        t.notMatch(`${bulk.stderr}${ended.stderr}`, /locked/);
        t.same(await contentsOf(store), expected);
      },
    );

    await t.test(
      "a pass over what is unchanged makes no batch, and --quiet says nothing of it",
      async (t) => {
        const { store, folder } = await place(t, engine);
        writeFileSync(join(folder, "cowrie.json"), log);
        await warm(["ingest", "delta", folder, "--db", store.db]);
        const [before] = await typed(store.database, "select count(*) as n from ingest_batches");

        const again = await warm(["ingest", "delta", folder, "--db", store.db, "--quiet"]);

        const [after] = await typed(store.database, "select count(*) as n from ingest_batches");
        t.match(again, { code: 0, stdout: "", stderr: "" });
        t.same(after, before);
      },
    );

    await t.test(
      "the breaker leaves a file of rubbish alone, says so, and closes on a good piece",
      async (t) => {
        const { store, folder } = await place(t, engine);
        const path = join(folder, "cowrie.json");
        await typed(store.database, "update settings set value = 100 where setting = 'breaker_records'");
        writeFileSync(path, logOf(generatedLines(150, 3, 20)));
        const delta = passOver(store, folder);
        await delta();
        appendFileSync(path, '{"broken" "x"}\n'.repeat(200));
        const tripped = await delta();
        appendFileSync(path, log);
        const waiting = await delta();

        t.equal(tripped.files[0]?.status, "tripped");
        t.match(waiting, { records_read: 0, files: [{ status: "tripped" }] });
        const status = await warm(["status", "--db", store.db, "--json"]);
        t.match(JSON.parse(status.stdout), { tripped: [{ source: path }] });
        t.match((await warm(["status", "--db", store.db])).stdout, /is left alone since/);

        const isDue = "update sources set last_read_at = '2020-01-01T00:00:00.000000Z'";
        truncateSync(path, statSync(path).size - log.length);
        appendFileSync(path, '{"broken" "x"}\n'.repeat(20));
        await typed(store.database, isDue);
        const probed = await delta();
        t.match(probed, { files: [{ status: "tripped" }] }, "a bad probe leaves it open");
        t.ok(probed.records_rejected > 0 && probed.records_rejected <= 20, "of a tenth of the window");
        appendFileSync(path, log);
        await typed(store.database, isDue);
        const resumed = await delta();

        t.equal(resumed.files[0]?.status, "loaded");
        const [state] = await typed(store.database, "select state, next_offset, size_bytes from sources");
        t.equal(state?.["state"], "loaded");
        t.equal(Number(state?.["next_offset"]), Number(state?.["size_bytes"]), "it is read to its end");
      },
    );

    await t.test("a signal ends a follower with its code after the batch at hand", async (t) => {
      for (const [signal, code] of [
        ["SIGTERM", 143],
        ["SIGINT", 130],
      ] as const) {
        const { store, folder } = await place(t, engine);
        writeFileSync(join(folder, "cowrie.json"), log);
        const follower = started(["ingest", "delta", folder, "--follow", "--db", store.db]);
        await until(async () => (await typed(store.database, "select 1 from raw_events limit 1")).length > 0);
        follower.child.kill(signal);
        t.equal((await follower.ended).code, code);
        const unsealed = await typed(store.database, "select 1 from ingest_batches where sealed_at is null");
        t.same(unsealed, []);
      }
    });
  });
}

void t.test("a follower waits for a SQLite store that another program has locked", async (t) => {
  const engine: Engine = { name: "SQLite", dialect: "sqlite" };
  const { store, folder } = await place(t, engine);
  writeFileSync(join(folder, "cowrie.json"), log.subarray(0, 0));
  const follower = started(["ingest", "delta", folder, "--follow", "--db", store.db]);
  await follower.says(/Following/);
  await typed(store.database, "begin immediate");
  appendFileSync(join(folder, "cowrie.json"), log);
  await follower.says(/Waiting until it is back/);
  await typed(store.database, "rollback");
  await follower.says(/The store is back/);
  await until(async () => (await typed(store.database, "select 1 from raw_events limit 1")).length > 0);
  follower.child.kill("SIGTERM");
  t.equal((await follower.ended).code, 143);
  t.same(await contentsOf(store), await bulkContents(engine, log));
});

void t.test("a follower that waits for a locked store ends at a signal, and nothing is lost", async (t) => {
  for (const engine of engines()) {
    const { store, folder } = await place(t, engine);
    const follower = started(["ingest", "delta", folder, "--follow", "--db", store.db]);
    await follower.says(/Following/);
    const release = await locked(store);
    writeFileSync(join(folder, "cowrie.json"), log);
    if (engine.dialect === "sqlite") await follower.says(/Waiting until it is back/);
    else await until(async () => (await typed(store.database, waiting)).length > 0);
    follower.child.kill("SIGTERM");
    const { code, stderr } = await follower.ended;
    await release();

    t.equal(code, 143, `it ends while the lock is held (${engine.name}): ${stderr}`);
    await warm(["ingest", "delta", folder, "--db", store.db]);
    t.same(await contentsOf(store), await bulkContents(engine, log));
  }
});

void t.test("--rate-limit lets no more records through than it says, and all in the end", async (t) => {
  const stop = { requested: false };
  const limit = rateLimit(1_000, stop);
  const began = performance.now();
  for (let batch = 0; batch < 4; batch++) await limit(100);
  // Three batches must have had their time; slowness of the machine only adds to it.
  t.ok(performance.now() - began >= 295, "the fourth batch waits for the three before it");
  stop.requested = true;
  await limit(1_000_000);
  await limit(1);
  t.pass("a stop ends the waiting");

  const engine: Engine = { name: "SQLite", dialect: "sqlite" };
  const { store, folder } = await place(t, engine);
  writeFileSync(join(folder, "cowrie.json"), log);
  const words = ["--rate-limit", "20000", "--batch-size", "200"];
  t.equal((await warm(["ingest", "delta", folder, "--db", store.db, ...words])).code, 0);
  t.same(await contentsOf(store), await bulkContents(engine, log));
});

/** Locks a store as another program would; gives the way to let it go. */
async function locked({ database, target }: TestStore): Promise<() => Promise<void>> {
  if (database.dialect === "sqlite") {
    database.handle.exec("begin immediate");
    return async () => Promise.resolve(void database.handle.exec("rollback"));
  }
  const other = await openDatabase(target, { connections: 1 });
  await typed(other, "begin; lock table cowrie.ingest_batches in access exclusive mode");
  return async () => {
    await typed(other, "rollback");
    await closeDatabase(other);
  };
}

async function place(t: Test, engine: Engine): Promise<{ store: TestStore; folder: string }> {
  const store = await freshStore(engine);
  const base = mkdtempSync(join(tmpdir(), "cowriedb-delta-"));
  const folder = join(base, "logs");
  mkdirSync(folder);
  t.teardown(async () => {
    await store.dispose();
    rmSync(base, { recursive: true, force: true });
  });
  return { store, folder };
}

function passOver(store: TestStore, folder: string): () => ReturnType<typeof deltaPass> {
  const stop = { requested: false };
  const silent = (): void => undefined;
  const patient = patientStore(store.database, { stop, onAway: silent, onBack: silent, recordsPerSecond: 0 });
  return async () => deltaPass(patient, [folder], { multiLine: false, batchEvents: 500, stop });
}

interface Started {
  child: ReturnType<typeof spawn>;
  ended: Promise<{ code: number | null; stderr: string }>;
  says(text: RegExp): Promise<void>;
}

function started(words: readonly string[]): Started {
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once("close", (code) => {
      resolve({ code, stderr });
    });
  });
  return { child, ended, says: async (text) => until(() => Promise.resolve(text.test(stderr))) };
}

/** Waits for something that must come; a guard ends the wait, and what follows finds it missing. */
async function until(isDone: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isDone()) && performance.now() - began < 30_000) {
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function bulkContents(engine: Engine, content: Buffer): Promise<Record<string, string[]>> {
  const store = await freshStore(engine);
  try {
    await loadContents(store.database, [{ name: "cowrie.json.2026-01-05", content: content.toString() }]);
    return await contentsOf(store);
  } finally {
    await store.dispose();
  }
}

async function contentsOf({ database }: TestStore): Promise<Record<string, string[]>> {
  return { ...(await canonicalTables(database)), raw_events: await canonicalEvents(database) };
}
