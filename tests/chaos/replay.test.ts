import t, { type Test } from "tap";
import { cowriedb, isNightly, scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { atMs, runAndKill } from "../helpers/kill.ts";
import { logLine, sessionId } from "../helpers/lines.ts";
import { checkChain, contentsOf } from "../helpers/undone.ts";
import { randomNumbers } from "../helpers/random.ts";

const random = randomNumbers(20_261_123);
const letters = isNightly ? 3_000 : 1_000;

/** Letters of two files that a registered event id lets through, and some that nothing does. */
const files = [0, 1].map((file) =>
  Array.from({ length: letters / 2 }, (_none, number) =>
    number % 10 === 9
      ? `no json ${number}\n`
      : logLine({
          eventid: "COW0098",
          session: sessionId(number % 50),
          timestamp: `2026-01-05T11:${String(Math.floor(number / 60)).padStart(2, "0")}:${String(number % 60).padStart(2, "0")}.${file}00000Z`,
          src_ip: "192.0.2.9",
          input: `id ${number}`,
        }),
  ).join(""),
);

for (const engine of engines()) {
  const kills = scaled(20);
  await t.test(
    `a replay killed ${kills} times ends as one that was let be (${engine.name})`,
    async (test) => {
      const { after, wholeMs } = await undisturbed(engine);
      let killed = 0;
      let stores = 0;

      while (killed < kills) {
        const store = await lettersStore(engine);
        stores++;
        try {
          for (let isDone = false; !isDone && killed < kills;) {
            const wasKilled = await runAndKill(words(store), atMs(wholeMs * (0.3 + 0.6 * random())));
            if (wasKilled) killed++;
            isDone = !wasKilled;
            await conserved(store, test);
          }
          const last = await cowriedb(words(store));
          test.equal(last.code, 0, last.stderr);
          test.equal(JSON.stringify(await contentsOf(store.database)), after, "the next run completes it");
          await conserved(store, test);
          await checkChain(test, store.database);
        } finally {
          await store.dispose();
        }
      }
      test.ok(killed >= kills, `${killed} kills in ${stores} stores`);
    },
  );

  await t.test(`two replays at once store each event once (${engine.name})`, async (test) => {
    const { after } = await undisturbed(engine);
    const store = await lettersStore(engine);
    try {
      const both = await Promise.all([cowriedb(words(store)), cowriedb(words(store))]);
      for (const { code, stderr } of both)
        if (code !== 0)
          test.match(stderr, /settled by another program meanwhile|locked/, "one gives way to the other");
      const last = await cowriedb(words(store));

      test.equal(last.code, 0, last.stderr);
      test.equal(JSON.stringify(await contentsOf(store.database)), after);
      await conserved(store, test);
      await checkChain(test, store.database);
    } finally {
      await store.dispose();
    }
  });
}

async function lettersStore(engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  for (const [index, file] of files.entries())
    await loadInProcess(store.database, `file-${index}`, Buffer.from(file), [500]);
  await typed(
    store.database,
    "insert into event_types (event_type, legacy_of, since, meaning) values ('COW0098', 'cowrie.command.input', '2026-01', 'by hand')",
  );
  return store;
}

/** What a store holds after a replay that nobody disturbs, and how long that takes. */
async function undisturbed(engine: Engine): Promise<{ after: string; wholeMs: number }> {
  const store = await lettersStore(engine);
  try {
    const began = performance.now();
    const outcome = await cowriedb(words(store));
    const wholeMs = performance.now() - began;
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return { after: JSON.stringify(await contentsOf(store.database)), wholeMs };
  } finally {
    await store.dispose();
  }
}

/** As many events as letters were replayed, each letter into a sealed batch. */
async function conserved({ database }: TestStore, test: Test): Promise<void> {
  if (database.dialect === "postgres") {
    // A server may still be at the commit of a client that is gone.
    await database.sql.begin(async (sql) => {
      await sql`lock table raw_events in share row exclusive mode`;
    });
  }
  const [row] = await typed(
    database,
    `select (select count(*) from raw_events) as events,
      (select count(*) from dead_letter_events d join ingest_batches b on b.batch_id = d.resolved_batch_id
        where d.resolution = 'replayed' and b.sealed_at is not null) as replayed,
      (select count(*) from dead_letter_events) as letters,
      (select count(*) from ingest_batches where sealed_at is null) as unsealed`,
  );
  test.equal(Number(row?.["events"]), Number(row?.["replayed"]), "an event for each replayed letter");
  test.equal(Number(row?.["letters"]), letters);
  test.equal(Number(row?.["unsealed"]), 0);
}

function words(store: TestStore): string[] {
  return ["dlq", "replay", "--db", store.db];
}
