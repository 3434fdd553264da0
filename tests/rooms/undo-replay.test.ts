import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { replayLetters } from "../../src/ingest/replay.ts";
import { planUndo, undoBatch } from "../../src/ingest/undo/undo.ts";
import { purgeLetters } from "../../src/letters/purge.ts";
import { listLetters } from "../../src/letters/letters.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { logLine, sessionId, sessionLines } from "../helpers/lines.ts";
import { openPlain, outcomeOf } from "../helpers/plain.ts";
import { checkChain, contentsOf, leftOver } from "../helpers/undone.ts";

const everything = { reason: null, source: null, since: null, until: null };
const keep = { reload: false };

/** A line that passes once its numbered event id is registered. */
function letterLine(session: number, second: number): string {
  return logLine({
    eventid: "COW0098",
    session: sessionId(session),
    timestamp: `2026-01-05T11:00:${String(second).padStart(2, "0")}.000000Z`,
    src_ip: "192.0.2.9",
    input: `id ${second}`,
  });
}

/** Two files that share letters and sessions; of each a letter that nothing lets through. */
const files = [
  [sessionLines(sessionId(1)), letterLine(1, 1), letterLine(2, 2), "no json\n", letterLine(3, 3)].join(""),
  [sessionLines(sessionId(3)), letterLine(2, 2), letterLine(3, 4), "no json either\n"].join(""),
];

for (const engine of engines()) {
  await t.test(
    `a load that is undone takes the replay of its letters along (${engine.name})`,
    async (test) => {
      for (const gone of [0, 1]) {
        const { database } = await replayedStore(test, engine, files, [100]);
        const never = await replayedStore(test, engine, [files[1 - gone] ?? ""], [100]);
        const planned = await planUndo(database, gone + 1, keep);

        const result = await undoBatch(database, gone + 1, keep);

        test.same(result.batches, [gone + 1, gone + 3], "the load and its replay");
        test.equal(result.dead_letters, planned.dead_letters);
        test.equal(result.dead_letters, gone === 0 ? 4 : 3);
        test.equal(result.dead_letters_reopened, 0);
        test.same(await contentsOf(database), await contentsOf(never.database), "as if it had never been");
        test.same(await statesOf(database, gone + 1), ["undone"]);
        test.same(await statesOf(database, 2 - gone), ["open", "replayed"]);
        test.equal(await leftOver(database), 0);
        await checkChain(test, database);
      }
    },
  );

  await t.test(
    `letters replayed into a batch that is undone are open again (${engine.name})`,
    async (test) => {
      const { database } = await replayedStore(test, engine, files, [100]);
      const before = await contentsOf(database);
      const planned = await planUndo(database, 3, keep);

      const result = await undoBatch(database, 3, keep);
      const states = await statesOf(database, 1);
      await replay(database);

      test.equal(planned.dead_letters_reopened, 3);
      test.match(result, { batches: [3], dead_letters: 0, dead_letters_reopened: 3 });
      test.same(states, ["open"]);
      test.same(await contentsOf(database), before, "another replay brings them back");
      await checkChain(test, database);
    },
  );

  await t.test(`a replay of letters of two loads is undone before either (${engine.name})`, async (test) => {
    const { database } = await replayedStore(test, engine, [files.join("")], [3]);
    const [letters] = await typed(
      database,
      "select count(distinct batch_id) as n, max(resolved_batch_id) as replay from dead_letter_events where resolution = 'replayed'",
    );
    const replayBatch = Number(letters?.["replay"]);
    const [first] = await typed(
      database,
      "select min(batch_id) as b from dead_letter_events where resolution = 'replayed'",
    );
    const load = Number(first?.["b"]);
    test.ok(Number(letters?.["n"]) > 1, "letters of several loads in one replay");

    await test.rejects(undoBatch(database, load, keep), { code: "undo.replay" });
    await test.rejects(planUndo(database, load, keep), { code: "undo.replay" });
    await undoBatch(database, replayBatch, keep);
    await undoBatch(database, load, keep);
    await replay(database);

    test.same(await statesOf(database, load), ["undone"]);
    const [left] = await typed(
      database,
      `select count(*) as n from dead_letter_events where resolution = 'replayed' and batch_id = ${load}`,
    );
    test.equal(Number(left?.["n"]), 0, "letters of an undone load are not replayed");
    await checkChain(test, database);
  });

  await t.test(`a shell cannot undo half of a replay, nor settle by hand (${engine.name})`, async (test) => {
    const store = await replayedStore(test, engine, [files.join("")], [3]);
    const plain = openPlain(store);
    test.teardown(async () => plain.close());
    const [first] = await typed(
      store.database,
      "select min(batch_id) as b from dead_letter_events where resolution = 'replayed'",
    );
    const load = Number(first?.["b"]);
    const call = (batch: number): string =>
      engine.dialect === "sqlite"
        ? `insert into undo_batch (batch_id) values (${batch})`
        : `call cowrie.undo_batch(${batch})`;
    const set = (values: string, where: string): Promise<string> =>
      outcomeOf(plain, [`update ~dead_letter_events set ${values} where ${where}`]);
    const now = "resolved_at = '2026-02-01T00:00:00.000000Z'";

    test.equal(await outcomeOf(plain, [call(load)]), "WR037");
    test.equal(await set("resolution = 'undone'", "resolution = 'replayed'"), "WR021", "its batches stand");
    test.equal(
      await set("resolved_at = null, resolution = null, resolved_batch_id = null", "resolution = 'replayed'"),
      "WR021",
      "its replay stands",
    );
    test.equal(
      await set(`${now}, resolution = 'undone'`, "resolved_at is null"),
      "WR022",
      "its batch stands",
    );
    const [letters] = await typed(
      store.database,
      "select max(resolved_batch_id) as replay from dead_letter_events",
    );
    test.equal(await outcomeOf(plain, [call(Number(letters?.["replay"]))]), "accepted");
    test.equal(await outcomeOf(plain, [call(load)]), "accepted");
    for (const values of [
      "resolved_at = null, resolution = null",
      `${now}, resolution = 'purged'`,
      `resolution = 'replayed', resolved_batch_id = ${load}`,
    ])
      test.equal(await set(values, "resolution = 'undone'"), "WR021", values);
    test.equal(
      await set(`${now}, resolution = 'undone', resolved_batch_id = 1`, "resolved_at is null"),
      "WR022",
      "no replay is named for an open letter",
    );
  });

  await t.test(`a purged letter whose replay is undone stays settled (${engine.name})`, async (test) => {
    const { database } = await replayedStore(test, engine, files, [100]);
    const settled = { ...everything, before: null };
    const { letters } = await purgeLetters(database, settled, { dryRun: true, confirmed: 0 });
    await purgeLetters(database, settled, { dryRun: false, confirmed: letters });

    const result = await undoBatch(database, 3, keep);
    const states = await statesOf(database, 1);
    await undoBatch(database, 1, keep);

    test.equal(result.dead_letters_reopened, 0);
    test.same(states, ["open", "purged"]);
    test.same(await statesOf(database, 1), ["purged", "undone"]);
    const { by_reason } = await listLetters(database, everything, { state: "all", after: 0, limit: 1 });
    const sum = by_reason.reduce((n, row) => n + row.open + row.replayed + row.purged + row.undone, 0);
    test.equal(sum, 7, "every letter is in one state");
    await checkChain(test, database);
  });
}

/** A store that has loaded these files, learned the event id of their letters, and replayed these. */
async function replayedStore(
  test: Test,
  engine: Engine,
  texts: readonly string[],
  sizes: readonly number[],
): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  for (const [index, text] of texts.entries())
    await loadInProcess(store.database, `file-${index}`, Buffer.from(text), sizes);
  await typed(
    store.database,
    "insert into event_types (event_type, legacy_of, since, meaning) values ('COW0098', 'cowrie.command.input', '2026-01', 'by hand')",
  );
  await replay(store.database);
  return store;
}

async function replay(database: Database): Promise<void> {
  await replayLetters(database, { ...everything, letter: null }, { dryRun: false });
}

/** The states that letters of a batch are in. */
async function statesOf(database: Database, batch: number): Promise<unknown[]> {
  const rows = await typed(
    database,
    `select distinct coalesce(resolution, 'open') as state from dead_letter_events where batch_id = ${batch} order by 1`,
  );
  return rows.map((row) => row["state"]);
}
