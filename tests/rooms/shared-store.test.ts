import Handle from "better-sqlite3";
import t from "tap";
import { digestOf } from "../../src/checksum.ts";
import { checkpoint, type Sqlite } from "../../src/db/sqlite.ts";
import { batchBuilder } from "../../src/ingest/read/batch.ts";
import { sqliteWriter } from "../../src/ingest/write/write-sqlite.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadContents } from "../helpers/load.ts";

// A load in SQLite keeps others from writing while a batch of it is written, so it begins with small ones, and stays with
// them while somebody else writes.

const [sqlite] = engines();
if (sqlite === undefined) throw new Error("SQLite is always there.");

void t.test("a load begins with a small batch, and has large ones where it is alone", async (t) => {
  const { database, dispose } = await freshStore(sqlite);
  t.teardown(dispose);

  const content = logOf(generatedLines(14_000, 5, 1_000));
  await loadContents(database, [{ name: "cowrie.json.1", content }], { batchEvents: 5_000 });

  const rows = await typed(database, "select records_read from ingest_batches order by batch_id");
  const sizes = rows.map((row) => Number(row["records_read"]));
  t.ok((sizes[0] ?? 0) < 2_000, `first ${sizes[0]}`);
  t.ok(Math.max(...sizes) >= 4_000, `most ${Math.max(...sizes)}`);
});

void t.test("a writer knows of another one that has written between two of its batches", async (t) => {
  const { database, db, dispose } = await freshStore(sqlite);
  t.teardown(dispose);
  const store = database as Sqlite;
  await loadContents(database, [{ name: "cowrie.json.1", content: logOf(generatedLines(3, 5, 3)) }]);
  const writer = sqliteWriter(store);
  const empty = async (): Promise<unknown> => {
    const batch = batchBuilder(0).take(0, digestOf(""));
    return writer.write({ batch, file: null, sourceId: 1, letters: [], runId: "shared", actor: "test" });
  };
  await empty();
  checkpoint(db);
  await empty();
  t.equal(writer.isShared?.(), false, "its own commits and checkpoints are nobody else's");

  const other = new Handle(db);
  other.exec("update settings set value = value + 1 where setting = 'breaker_records'");
  other.close();
  await empty();

  t.equal(writer.isShared?.(), true);
});
