import fc from "fast-check";
import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { planUndo, undoBatch, type UndoResult } from "../../src/ingest/undo/undo.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLine, generatedLines, logOf, type LineChoice } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { loadContents } from "../helpers/load.ts";
import { auditCounts, checkChain, contentsOf, leftOver } from "../helpers/undone.ts";

const seed = 20_261_121;
const keep = { reload: false };

/** Files that share lines, how they are cut into batches, and which batches are undone in which order. */
interface Plan {
  files: string[][];
  sizes: number[];
  undos: number[];
}

const choice: fc.Arbitrary<LineChoice> = fc.record({
  kind: fc.nat(17),
  session: fc.nat(8),
  second: fc.nat(5),
  address: fc.nat(7),
  sensor: fc.nat(3),
  variant: fc.nat(12),
});

const plan: fc.Arbitrary<Plan> = fc
  .array(choice, { minLength: 8, maxLength: 40 })
  .map((choices) => choices.map(generatedLine))
  .chain((lines) =>
    fc.record({
      files: fc.array(fc.array(fc.constantFrom(...lines), { minLength: 3, maxLength: 40 }), {
        minLength: 2,
        maxLength: 4,
      }),
      sizes: fc.array(fc.integer({ min: 3, max: 20 }), { minLength: 1, maxLength: 3 }),
      undos: fc.array(fc.nat(1_000), { minLength: 3, maxLength: 5 }),
    }),
  );

const all = engines();
// Three undos a case at least; PostgreSQL makes two databases for each.
const cases = Math.ceil(scaled(100) / 3);

for (const engine of all) {
  await t.test(
    `after any undos the store is one that never had those batches (${engine.name})`,
    async (test) => {
      test.comment(`${cases} cases of seed ${seed}`);
      let undos = 0;
      let carried = 0;

      await fc.assert(
        fc.asyncProperty(plan, async ({ files, sizes, undos: picks }) => {
          const results = await checkUndos(test, engine, files.map(logOf), sizes, picks);
          undos += results.length;
          carried += results.reduce((sum, result) => sum + result.events_carried, 0);
          if (!test.passing()) throw new Error("The law of undo is broken.");
        }),
        { seed, numRuns: cases },
      );

      test.ok(undos >= cases, `${undos} undos`);
      test.ok(carried > 0, `${carried} events were carried`);
    },
  );

  await t.test(`an undone batch comes back with a reload, and only so (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    const { database } = store;
    const files = [
      { name: "cowrie.json.2026-01-05", content: logOf(generatedLines(600, 1, 60)) },
      { name: "cowrie.json.2026-01-06", content: logOf(generatedLines(400, 2, 60)) },
    ];
    const load = { batchEvents: 150 };
    try {
      await loadContents(database, files, load);
      const before = await eventsAndTables(database);

      const undone = await undoBatch(database, 2, keep);
      const again = await loadContents(database, files, load);
      test.ok(undone.events_deleted > 0, "events are gone");
      test.equal(again.records_read, 0, "the file is not read again by itself");
      for (const batch of [2, 1]) {
        const asked = await undoBatch(database, batch, { reload: true });
        const reloaded = await loadContents(database, files, load);

        test.equal(asked.was_undone, batch === 2, "what was undone before is not undone again");
        test.equal(reloaded.events_accepted > 0, batch === 2, "what was carried is there already");
        test.same(await eventsAndTables(database), before);
      }
      await checkChain(test, database);
    } finally {
      await store.dispose();
    }
  });

  await t.test(`a session that stays keeps what the seal does not write (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    const { database } = store;
    const lines = generatedLines(200, 3, 5);
    const kept =
      "select session_id, created_at, snapshot_asn, snapshot_country, snapshot_status from session_summaries order by session_id";
    try {
      await loadInProcess(database, "a", logOf(lines), [100]);
      await typed(
        database,
        "update session_summaries set snapshot_asn = 64500, snapshot_country = 'AA', snapshot_status = 'filled', created_at = '2026-01-09T00:00:00.000000Z'",
      );
      const before = await typed(database, kept);

      const result = await undoBatch(database, 1, keep);

      test.ok(result.sessions_refolded > 1, "sessions had events in both batches");
      const after = await typed(database, kept);
      const left = new Set(after.map((row) => row["session_id"]));
      test.same(
        after,
        before.filter((row) => left.has(row["session_id"])),
      );
    } finally {
      await store.dispose();
    }
  });
}

/** Loads the files, undoes batches and compares with a store that was never given them; gives what the undos said. */
async function checkUndos(
  test: Test,
  engine: Engine,
  files: readonly Buffer[],
  sizes: readonly number[],
  picks: readonly number[],
): Promise<UndoResult[]> {
  const store = await freshStore(engine);
  try {
    for (const [index, file] of files.entries()) await loadInProcess(store.database, `${index}`, file, sizes);
    const results: UndoResult[] = [];
    for (const pick of picks) {
      const loads = await loadsLeft(store.database);
      if (loads.length === 0) break;
      const batchId = Number(loads[pick % loads.length]?.["batch_id"]);
      const planned = await planUndo(store.database, batchId, keep);
      const result = await undoBatch(store.database, batchId, keep);
      const numberless = result.carry_batches.map((carry) => ({ ...carry, batch_id: null }));
      if (JSON.stringify({ ...result, dry_run: true, carry_batches: numberless }) !== JSON.stringify(planned))
        test.same(result, planned, "the plan says what is done");
      results.push(result);
    }
    await checkStore(test, store, results);
    const slices = (await loadsLeft(store.database)).map((row) =>
      files[Number(row["source_id"]) - 1]?.subarray(Number(row["first_offset"]), Number(row["end_offset"])),
    );
    const found = await contentsOf(store.database);
    const expected = await contentsOfSlices(engine, slices as Buffer[]);
    if (JSON.stringify(found) !== JSON.stringify(expected))
      test.same(found, expected, `after undoing ${results.map((result) => result.batch_id).join(", ")}`);
    return results;
  } finally {
    await store.dispose();
  }
}

async function checkStore(
  test: Test,
  { database }: TestStore,
  results: readonly UndoResult[],
): Promise<void> {
  const sum = (pick: (result: UndoResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const counts = await auditCounts(database);
  test.equal(
    counts["raw_events delete"] ?? 0,
    sum((result) => result.events_deleted),
    "deletes are noted",
  );
  test.equal(
    counts["raw_events update"] ?? 0,
    sum((result) => result.events_carried),
    "moves are noted",
  );
  test.equal(
    counts["ingest_batches update"] ?? 0,
    sum((result) => result.batches.length),
    "undos are noted",
  );
  test.equal(
    counts["dead_letter_events update"] ?? 0,
    sum((result) => result.dead_letters),
    "letters are noted",
  );
  test.equal(await leftOver(database), 0, "nothing of the undo is left");
  const earlier = await typed(
    database,
    "select d.batch_id from duplicate_sightings d join ingest_batches c on c.batch_id = d.event_id >> 20 where d.batch_id < c.carried_for_batch_id",
  );
  test.same(earlier, [], "events are carried for the earliest batch that has seen them");
  await checkChain(test, database);
}

async function loadsLeft(database: Database): Promise<Record<string, unknown>[]> {
  return typed(
    database,
    "select batch_id, source_id, first_offset, end_offset from ingest_batches where kind = 'load' and undone_at is null order by batch_id",
  );
}

async function contentsOfSlices(engine: Engine, slices: readonly Buffer[]): Promise<Record<string, unknown>> {
  const store = await freshStore(engine);
  try {
    for (const [index, slice] of slices.entries())
      await loadInProcess(store.database, `${index}`, slice, [1_000]);
    return await contentsOf(store.database);
  } finally {
    await store.dispose();
  }
}

/** What a reload brings back: a dead letter that is read again is another row. */
async function eventsAndTables(database: Database): Promise<Record<string, unknown>> {
  const { status: _status, ...contents } = await contentsOf(database);
  return contents;
}
