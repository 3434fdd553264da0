import { existsSync, utimesSync } from "node:fs";
import t from "tap";
import { announceWait, letWaiterIn } from "../../src/db/hand-over.ts";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { inWriting } from "../../src/db/writing.ts";
import { servoOf } from "../../src/jobs/servo.ts";
import { turnsOf } from "../../src/jobs/turns.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { newestJob, slowDown, started, storeOfSessions } from "../helpers/jobs.ts";
import { openPlain } from "../helpers/plain.ts";

// SQLite lets one write at a time; who writes beside a job comes to its turn between two of its batches.

const sqlite: Engine = { name: "SQLite", dialect: "sqlite" };
const batchSize = 4;

void t.test(
  "who says that it waits to write waits for one batch of a backfill, however fast they follow",
  async (t) => {
    const store = await storeOfSessions(t, sqlite, 120);
    const plain = openPlain(store);
    await slowDown(plain, 20);
    await plain.close();
    const { database } = store;
    if (database.dialect !== "sqlite") return;

    const backfill = started(t, ["backfill", "snapshots", "--batch-size", `${batchSize}`, "--db", store.db]);
    while ((await typed(database, "select 1 from jobs where processed > 0")).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const waits: number[] = [];
    for (;;) {
      announceWait(database);
      const before = await processedOf(store);
      const after = await inWriting(database, async () => processedOf(store));
      if ((await newestJob(store))["state"] !== "running") break;
      waits.push((after - before) / batchSize);
      // A writer that always waits would be the only one.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const outcome = await backfill.ended;

    t.equal(outcome.code, 0, outcome.stderr);
    t.ok(waits.length >= 5, `${waits.length} turns`);
    // One more where this process did not come to its turn on the machine while the backfill stepped back.
    t.ok(Math.max(...waits) <= 2, `batches that were waited for: ${waits.join(" ")}`);
    t.match(await newestJob(store), { state: "done", failed_batches: 0n });
  },
);

void t.test("nobody steps back for a waiter that has not been heard of for two seconds", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(store.dispose);
  const { database } = store;
  if (database.dialect !== "sqlite") return;
  const waiter = `${database.path}-waiter`;

  announceWait(database);
  const past = Date.now() / 1_000 - 3;
  utimesSync(waiter, past, past);

  t.equal(await letWaiterIn(database), false);
  t.notOk(existsSync(waiter), "what it left is taken away");
});

void t.test(
  "the sizes of batches follow what a session takes, and halve until a bad one stands alone",
  (t) => {
    const servo = servoOf(100, false, () => 1_000);
    servo.note(100, 10);
    t.equal(servo.size, 151, "one lucky batch says little");
    for (const size of [151, 227, 341]) servo.note(size, size * 2);
    t.equal(servo.size, 500, "two milliseconds a session");
    servo.note(500, 5_001);
    t.equal(servo.size, 99, "a batch of five times its target shrinks the next one at once");

    const slow = servoOf(100, false, () => 1_000);
    for (let batch = 0; batch < 9; batch++) slow.note(100, 100);
    slow.note(100, 4_000);
    t.equal(slow.size, 151, "one that is slower than others does not");

    servo.failed(99);
    const tried: number[] = [];
    while (servo.size > 1) {
      tried.push(servo.size);
      servo.failed(servo.size);
    }
    t.same(tried, [49, 24, 12, 6, 3]);
    servo.found();
    t.same([servo.size, servo.isSearching], [99, false]);
    servo.fix(7);
    servo.note(7, 60_000);
    t.equal(servo.size, 7, "what an operator has set stays");
    t.end();
  },
);

void t.test("a batch takes an eighth of its time while others write, and at first", async (t) => {
  const store = await freshStore(sqlite);
  t.teardown(store.dispose);
  const other = await openDatabase(store.target);
  t.teardown(async () => closeDatabase(other));
  const write = "update settings set value = value + 1 where setting = 'job_batch_ms'";

  const turns = turnsOf(store.database, true);
  const atFirst = [turns.target(200), turns.first(5_000)];
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await typed(store.database, write);
  await turns.give();
  const alone = turns.target(200);
  await typed(other, write);
  await turns.give();
  const beside = turns.target(200);

  t.same(atFirst, [25, 625]);
  t.equal(alone, 200, "who writes itself is no other");
  t.equal(beside, 25);
});

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`rows are locked for half of the time that a batch may take (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    t.equal(turnsOf(store.database, true).target(200), 100);
    t.equal(turnsOf(store.database, false).target(200), 200, "what writes little locks little");
  });
}

async function processedOf(store: TestStore): Promise<number> {
  return Number((await newestJob(store))["processed"]);
}
