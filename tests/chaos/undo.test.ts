import t from "tap";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { cowriedb, scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { atMs, runAndKill } from "../helpers/kill.ts";
import { checkChain, contentsOf, leftOver } from "../helpers/undone.ts";
import { randomNumbers } from "../helpers/random.ts";

const seed = 20_261_121;
const lines = generatedLines(4_000, 8, 200);
const files = [lines.slice(0, 3_000), lines.slice(1_000, 2_000), lines.slice(1_500)].map(logOf);
const random = randomNumbers(seed);

for (const engine of engines()) {
  const kills = scaled(20);
  await t.test(`an undo killed ${kills} times is done or not, never half (${engine.name})`, async (test) => {
    const { before, after, wholeMs } = await bothEnds(engine);
    test.comment(`seed ${seed}; a whole run takes ${Math.round(wholeMs)} ms`);
    const seen = { killed: 0, undone: 0, half: 0 };

    while (seen.killed < kills) {
      const store = await loadedStore(engine);
      try {
        for (let isUndone = false; !isUndone && seen.killed < kills;) {
          if (await runAndKill(words(store), atMs(wholeMs * (0.2 + 0.8 * random())))) seen.killed++;
          isUndone = await hasUndone(store);
          if (JSON.stringify(await contentsOf(store.database)) !== (isUndone ? after : before)) seen.half++;
          if ((await leftOver(store.database)) > 0) seen.half++;
        }
        seen.undone++;
        await cowriedb(words(store));
        test.equal(JSON.stringify(await contentsOf(store.database)), after, "the next run completes it");
        await checkChain(test, store.database);
      } finally {
        await store.dispose();
      }
    }

    test.equal(seen.half, 0, "no store was seen half undone");
    test.ok(seen.killed >= kills, `${seen.killed} kills in ${seen.undone} stores`);
  });

  await t.test(`loads and undos at once end as if one after the other (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    const other = await freshStore(engine);
    const rounds = scaled(20);
    try {
      await loadInProcess(store.database, "first", logOf(lines.slice(0, 500)), [500]);
      for (let round = 0; round < rounds; round++) {
        const [last] = await typed(
          store.database,
          "select max(batch_id) as b from ingest_batches where kind = 'load' and undone_at is null",
        );
        const file = logOf(lines.slice(round * 100, round * 100 + 900));
        await Promise.all([
          undoBatch(store.database, Number(last?.["b"]), { reload: false }),
          loadInProcess(store.database, `${round}`, file, [100, 300]),
        ]);
      }

      await checkChain(test, store.database);
      const counts =
        "select sum(sightings) as n, (select sum(events_duplicate) from ingest_batches where undone_at is null) as due from duplicate_sightings";
      const [sightings] = await typed(store.database, counts);
      test.equal(Number(sightings?.["n"]), Number(sightings?.["due"]), "every duplicate is noted still");
      const lefts = await typed(
        store.database,
        "select path_shown, first_offset, end_offset from ingest_batches join sources using (source_id) where kind = 'load' and undone_at is null order by batch_id",
      );
      for (const [index, row] of lefts.entries()) {
        const name = String(row["path_shown"]);
        const from = name === "first" ? 0 : Number(name) * 100;
        const file = logOf(lines.slice(from, from + (name === "first" ? 500 : 900)));
        const slice = file.subarray(Number(row["first_offset"]), Number(row["end_offset"]));
        await loadInProcess(other.database, `${index}`, slice, [1_000]);
      }
      test.equal(
        JSON.stringify(await contentsOf(store.database)),
        JSON.stringify(await contentsOf(other.database)),
        "the store is one of the batches that are left",
      );
    } finally {
      await store.dispose();
      await other.dispose();
    }
  });
}

async function loadedStore(engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  for (const [index, file] of files.entries()) await loadInProcess(store.database, `${index}`, file, [5_000]);
  return store;
}

/** What a store holds before and after an undo that nobody disturbs. */
async function bothEnds(engine: Engine): Promise<{ before: string; after: string; wholeMs: number }> {
  const store = await loadedStore(engine);
  try {
    const before = JSON.stringify(await contentsOf(store.database));
    const began = performance.now();
    const outcome = await cowriedb(words(store));
    const wholeMs = performance.now() - began;
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return { before, after: JSON.stringify(await contentsOf(store.database)), wholeMs };
  } finally {
    await store.dispose();
  }
}

function words(store: TestStore): string[] {
  return ["ingest", "undo", "1", "--confirm", "1", "--db", store.db];
}

/** A server may still be at the commit of a client that is gone; the answer waits for it. */
async function hasUndone({ database }: TestStore): Promise<boolean> {
  if (database.dialect === "postgres") {
    await database.sql.begin(async (sql) => {
      await sql`lock table raw_events in share row exclusive mode`;
    });
  }
  const [row] = await typed(database, "select undone_at from ingest_batches where batch_id = 1");
  return row?.["undone_at"] !== null;
}
