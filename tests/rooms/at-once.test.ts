import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { cowriedb } from "../helpers/cli.ts";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { loadContents } from "../helpers/load.ts";

// Several programs at the same file: what is stored, refused lines too, is what one load stores.

const accepted = Array.from({ length: 4_000 }, (_, index) =>
  JSON.stringify({
    eventid: "cowrie.login.failed",
    username: "root",
    password: `word${index}`,
    src_ip: "192.0.2.7",
    session: Math.floor(index / 8)
      .toString(16)
      .padStart(12, "0"),
    timestamp: new Date(Date.UTC(2026, 0, 5) + index).toISOString().replace("Z", "000Z"),
  }),
);
const withRefused = accepted.flatMap((line, index) =>
  index % 50 === 7 ? [line, `{"eventid":"cowrie.broken ${index}"`] : [line],
);

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("loads of one new file at once keep its refused lines once", async (t) => {
      const expected = await loadedOnce(engine, withRefused);
      const { store, folder } = await place(t, engine);
      writeFileSync(join(folder, "cowrie.json"), logOf(withRefused));
      const small = ["--db", store.db, "--batch-size", "150"];

      const runs = await Promise.all(
        ["bulk", "delta", "bulk"].map((verb) => cowriedb(["ingest", verb, folder, ...small])),
      );

      t.same(
        runs.map(({ code }) => code),
        [0, 0, 0],
        runs.map(({ stderr }) => stderr).join(""),
      );
      t.same(differing(await contentsOf(store.database), expected), []);
      t.same(await counts(store), { sources: 1, records: withRefused.length, rejected: 80 });
    });

    await t.test("files that start alike are loaded each, also by programs at once", async (t) => {
      const start = accepted.slice(0, 100);
      const [one, other] = [accepted.slice(100, 1_000), accepted.slice(1_000, 2_000)];
      const expected = await loadedOnce(engine, accepted.slice(0, 2_000));
      const { store, folder } = await place(t, engine);
      writeFileSync(join(folder, "cowrie.json.2026-01-05"), logOf([...start, ...one]));
      writeFileSync(join(folder, "cowrie.json.2026-01-06"), logOf([...start, ...other]));

      const runs = await Promise.all(
        ["cowrie.json.2026-01-05", "cowrie.json.2026-01-06"].map((name) =>
          cowriedb(["ingest", "bulk", join(folder, name), "--db", store.db, "--batch-size", "150"]),
        ),
      );

      t.ok(
        runs.every(({ code }) => code === 0),
        runs.map(({ stderr }) => stderr).join(""),
      );
      t.same(differing(await contentsOf(store.database), expected), []);
      t.same(await counts(store), { sources: 2, records: 2_100, rejected: 0 });
    });

    await t.test("an undo with --reload under a load of the same file is not forgotten", async (t) => {
      const expected = await loadedOnce(engine, accepted);
      const { store, folder } = await place(t, engine);
      writeFileSync(join(folder, "cowrie.json"), logOf(accepted));
      const other = await openDatabase(store.target);
      t.teardown(async () => closeDatabase(other));
      let undone: Promise<unknown> | undefined;

      const result = await loadFiles(store.database, [folder], {
        multiLine: false,
        batchEvents: 200,
        onProgress: () => {
          undone ??= undoBatch(other, 1, { reload: true });
        },
      });
      await undone;
      // The undo may have come after the last batch; then the next load reads the file again.
      await loadFiles(store.database, [folder], { multiLine: false, batchEvents: 200 });

      t.same(differing(await contentsOf(store.database), expected), []);
      t.ok(result.records_read >= accepted.length, "the load went on to the end of the file");
      const [source] = await typed(store.database, "select next_offset, size_bytes from sources");
      t.equal(Number(source?.["next_offset"]), Number(source?.["size_bytes"]));
      const gaps = await typed(
        store.database,
        `select 1 from ingest_batches as b
         where first_offset > 0
           and not exists (select 1 from ingest_batches as a where a.end_offset = b.first_offset and a.batch_id < b.batch_id)`,
      );
      t.same(gaps, [], "each batch begins where one before it has ended");
      const starts = await typed(store.database, "select 1 from ingest_batches where first_offset = 0");
      t.equal(starts.length, 2, "the file was read from its start twice");
    });
  });
}

async function loadedOnce(engine: Engine, lines: readonly string[]): Promise<Contents> {
  const store = await freshStore(engine);
  try {
    await loadContents(store.database, [{ name: "cowrie.json", content: logOf(lines) }]);
    return await contentsOf(store.database);
  } finally {
    await store.dispose();
  }
}

async function counts({ database }: TestStore): Promise<Record<string, number>> {
  const [row] = await typed(
    database,
    `select
       (select count(*) from sources) as sources,
       (select sum(records_read) from ingest_batches) as records,
       (select count(*) from dead_letter_events) as rejected`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
}

async function place(t: Test, engine: Engine): Promise<{ store: TestStore; folder: string }> {
  const store = await freshStore(engine);
  const base = mkdtempSync(join(tmpdir(), "cowriedb-at-once-"));
  const folder = join(base, "logs");
  mkdirSync(folder);
  t.teardown(async () => {
    await store.dispose();
    rmSync(base, { recursive: true, force: true });
  });
  return { store, folder };
}
