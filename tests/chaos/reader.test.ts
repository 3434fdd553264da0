import t from "tap";
import { isNightly } from "../helpers/cli.ts";
import { contentsOf } from "../helpers/contents.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { faultyRun, madeUpLogs, wholeBatches } from "../helpers/faults.ts";

// The reader dies after a fifth of a second, in the middle of these.
const lines = isNightly ? 5_000 : 2_500;
const files = madeUpLogs(2, lines);

for (const engine of engines()) {
  void t.test(`a load whose reader dies says so and goes on at the next run (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const words = ["ingest", "bulk", ...files, "--db", store.db, "--batch-size", "50"];

    const run = await faultyRun(words, { env: { COWRIEDB_TEST_READER_DIES: "1" } });

    t.match(run, {
      code: 1,
      error: { code: "ingest.reader_ended", message: /out of thought/, hint: /same command again/ },
    });
    const present = await wholeBatches(t, store.database, "when the reader has died");
    t.ok(present >= run.acknowledged && present <= run.acknowledged + 2, "present is what was acknowledged");
    t.match(await faultyRun(words), { code: 0 });
    t.ok(((await contentsOf(store.database))["raw_events"] ?? []).length > lines);
  });
}
