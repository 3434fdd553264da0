import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { verifyStore } from "../../src/verify/verify.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";
import { checkChain } from "../helpers/undone.ts";

// A source that is read again after an undo: the records that are refused again have one letter each, as its events are
// there once.

const content = [1, 2, 3, 4]
  .map((session) => `${sessionLines(sessionId(session))}no json ${session}\n{"cut":${session}\n`)
  .join("");
const file = [{ name: "cowrie.json.1", content }];
const load = { batchEvents: 3 };

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a reload notes only the letters that the undo took away", async (t) => {
      const { database, dispose } = await freshStore(engine);
      t.teardown(dispose);
      await loadContents(database, file, load);
      const before = await standing(database);
      const batches = await standingBatches(database);
      t.ok(batches.length > 2, `${batches.length} batches`);
      t.equal(before.length, 8);

      for (const batch of [batches[1], batches[0]]) {
        await undoBatch(database, batch ?? 0, { reload: true });
        const result = await loadContents(database, file, load);
        t.ok(result.records_skipped > 0, "records that have their letter are counted");
        t.same(await standing(database), before);
      }
      await checkStore(t, database);
    });

    await t.test("a letter stays as long as a batch has met its record", async (t) => {
      const { database, dispose } = await freshStore(engine);
      t.teardown(dispose);
      await loadContents(database, file, load);
      const before = await standing(database);
      const first = await standingBatches(database);
      await undoBatch(database, first[1] ?? 0, { reload: true });
      await loadContents(database, file, load);

      for (const batch of first.filter((_batch, index) => index !== 1))
        await undoBatch(database, batch, { reload: false });
      t.same(await standing(database), before, "the batches of the reload have met them all");
      await checkStore(t, database);

      for (const batch of await standingBatches(database))
        await undoBatch(database, batch, { reload: false });
      t.same(await standing(database), [], "and nothing is left when these go");
      await checkStore(t, database);
    });
  });
}

/** The letters that no undo has taken away, by place and digest. */
async function standing(database: Database): Promise<string[]> {
  const rows = await typed(
    database,
    "select source_offset, record_digest from dead_letter_events where resolution is distinct from 'undone'",
  );
  return rows
    .map(
      (row) =>
        `${String(row["source_offset"]).padStart(9, "0")} ${Buffer.from(row["record_digest"] as Uint8Array).toString("hex")}`,
    )
    .sort();
}

async function standingBatches(database: Database): Promise<number[]> {
  const rows = await typed(
    database,
    "select batch_id from ingest_batches where undone_at is null and kind = 'load' order by batch_id",
  );
  return rows.map((row) => Number(row["batch_id"]));
}

async function checkStore(t: Test, database: Database): Promise<void> {
  await checkChain(t, database);
  const { state, findings } = await verifyStore(database, { toolVersion: "test", full: true });
  t.same({ state, found: findings.first }, { state: "clean", found: [] }, "verify has nothing to say");
}
