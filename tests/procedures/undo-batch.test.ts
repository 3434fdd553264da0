import t, { type Test } from "tap";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { freshStore, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { ways } from "../helpers/guarded.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { openPlain, outcomeOf, type Plain } from "../helpers/plain.ts";
import { contentsOf } from "../helpers/undone.ts";

const lines = generatedLines(120, 6, 10);

/** A store of three batches: the first two share events, the third has its own. */
async function loadedStore(
  test: Test,
  engine: Engine,
  foreignKeys: boolean,
): Promise<{ store: TestStore; plain: Plain; call: (procedure: string, batch: number) => string }> {
  const store = await freshStore(engine);
  const plain = openPlain(store, { foreignKeys });
  test.teardown(async () => {
    await plain.close();
    await store.dispose();
  });
  const files = [lines.slice(0, 50), lines.slice(30, 80), lines.slice(80)];
  for (const [index, file] of files.entries())
    await loadInProcess(store.database, `${index}`, logOf(file), [200]);
  const call = (procedure: string, batch: number): string =>
    engine.dialect === "sqlite"
      ? `insert into ${procedure} (batch_id) values (${batch})`
      : `call cowrie.${procedure}(${batch})`;
  return { store, plain, call };
}

for (const { name, engine, foreignKeys } of ways) {
  void t.test(name, async (t) => {
    await t.test("a shell undoes a batch that no other has seen, as the program does", async (t) => {
      const one = await loadedStore(t, engine, foreignKeys);
      const other = await loadedStore(t, engine, foreignKeys);

      t.equal(await outcomeOf(one.plain, [one.call("undo_batch", 3)]), "accepted");
      await undoBatch(other.store.database, 3, { reload: false });

      t.same(await contentsOf(one.store.database), await contentsOf(other.store.database));
      const [row] = await one.plain.rows("select count(*) as n from ~raw_events where batch_id = 3");
      t.equal(Number(row?.["n"]), 0);
    });

    await t.test("a shell is refused where events would have to move, and nothing is changed", async (t) => {
      const { store, plain, call } = await loadedStore(t, engine, foreignKeys);
      const before = await contentsOf(store.database);

      t.equal(await outcomeOf(plain, [call("undo_batch", 1)]), "WR035");
      t.same(await contentsOf(store.database), before);
    });

    await t.test("a batch that is missing, undone, or a carry batch is refused", async (t) => {
      const { store, plain, call } = await loadedStore(t, engine, foreignKeys);
      const result = await undoBatch(store.database, 1, { reload: false });
      const carry = result.carry_batches[0]?.batch_id ?? 0;

      t.equal(carry, 4);
      t.equal(await outcomeOf(plain, [call("undo_batch", 99)]), "WR032");
      t.equal(await outcomeOf(plain, [call("undo_batch", 1)]), "WR033");
      t.equal(await outcomeOf(plain, [call("undo_batch", carry)]), "WR034");
      t.equal(await outcomeOf(plain, [call("undo_batch", 2)]), "accepted", "with its carry batch");
      const left = await plain.rows("select distinct batch_id as b from ~raw_events");
      t.same(
        left.map((row) => Number(row["b"])),
        [3],
      );
    });

    await t.test("an undo that is not closed cannot be committed, or is seen by the next", async (t) => {
      const { plain, call } = await loadedStore(t, engine, foreignKeys);

      const left = await outcomeOf(plain, [call("open_undo", 3)]);
      if (engine.dialect === "postgres") t.equal(left, "WR036");
      else t.equal(left, foreignKeys ? "SQLITE_CONSTRAINT_FOREIGNKEY" : "accepted");
      if (!foreignKeys) {
        t.equal(await outcomeOf(plain, [call("open_undo", 2)]), "WR036");
        t.equal(await outcomeOf(plain, [call("close_undo", 3)]), "accepted");
      }
      t.equal(await outcomeOf(plain, [call("close_undo", 3)]), "WR036");
    });

    await t.test("a hand cannot mark a batch undone, or delete or move what is not", async (t) => {
      const { plain, call } = await loadedStore(t, engine, foreignKeys);
      const mark = "update ~ingest_batches set undone_at = '2026-02-01T00:00:00.000000Z'";

      t.equal(await outcomeOf(plain, [`${mark} where batch_id = 3`]), "WR004");
      t.equal(
        await outcomeOf(plain, [call("open_undo", 3), `${mark}, actor = 'x' where batch_id = 3`]),
        "WR004",
      );
      t.equal(
        await outcomeOf(plain, [call("open_undo", 3), "delete from ~raw_events where batch_id = 2"]),
        "WR015",
      );
      t.equal(
        await outcomeOf(plain, [call("open_undo", 3), "delete from ~batch_evidence where batch_id = 2"]),
        "WR015",
      );
      t.equal(await outcomeOf(plain, [call("open_undo", 3), "delete from ~duplicate_sightings"]), "WR015");
      t.equal(
        await outcomeOf(plain, [
          call("open_undo", 3),
          "update ~raw_events set event_id = 9 where batch_id = 3",
        ]),
        "WR014",
      );
      t.equal(await outcomeOf(plain, [call("undo_batch", 3), `${mark} where batch_id = 3`]), "WR004");
    });
  });
}
