import { join } from "node:path";
import t, { type Test } from "tap";
import { tablesToCopy } from "../../src/hydrate/rows/tables.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { allBytes, allRows, emptyDatabase, opened } from "../helpers/hydrations.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { warm } from "../helpers/warm.ts";

const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;
const lines = generatedLines(200, 11, 30);

/** A store, and the runbook walked forward on it. */
async function moved(t: Test, engine: Engine): Promise<{ source: TestStore; to: string }> {
  const source = await freshStore(sqlite);
  t.teardown(source.dispose);
  await loadInProcess(source.database, "a.json", logOf(lines.slice(0, 150)), [200]);
  const to = await emptyDatabase(t, engine);
  const folder = t.testdir({});
  const set = [
    ...[`TARGET=${to}`, `BACKUP=${join(folder, "backup")}`, `MANIFEST=${join(folder, "moved.json")}`],
  ].flatMap((text) => ["--set", text]);
  const gates = await warm(["runbook", "run", "hydrate-postgres", "--dry-run", ...set, "--db", source.db]);
  t.equal(gates.code, 0, gates.stdout);
  const forward = await warm(["runbook", "run", "hydrate-postgres", "--yes", ...set, "--db", source.db]);
  t.equal(forward.code, 0, forward.stdout);
  const target = await opened(t, to);
  t.same(await typed(target, "select state from store_state"), [{ state: "open" }]);
  return { source, to };
}

async function undone(t: Test, { db }: TestStore): Promise<void> {
  const undo = await warm(["runbook", "run", "hydrate-postgres", "--undo", "--yes", "--db", db]);
  t.equal(undo.code, 0, undo.stdout);
}

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  await t.test(`forward, and back on day 0 (${engine.name})`, async (t) => {
    const { source, to } = await moved(t, engine);
    const target = await opened(t, to);
    const tables = (await tablesToCopy(source.database, target)).map(({ name }) => name);
    const before = allBytes(source.db, tables);

    await undone(t, source);

    t.same(allBytes(source.db, tables), before, "the file is as it was");
    t.same(await typed(source.database, "select state from store_state"), [{ state: "open" }]);
    t.same(await typed(target, "select state from store_state"), [{ state: "retired" }]);
  });

  await t.test(`forward, and back on day 10 (${engine.name})`, async (t) => {
    const { source, to } = await moved(t, engine);
    const target = await opened(t, to);
    await loadInProcess(target, "b.json", logOf(lines.slice(150)), [200]);

    await undone(t, source);

    t.same(await allRows(source.database, target), await allRows(target, source.database));
    t.same(await typed(source.database, "select state from store_state"), [{ state: "open" }]);
    t.same(await typed(target, "select state from store_state"), [{ state: "retired" }]);
    t.equal((await warm(["verify", "--full", "--db", source.db])).code, 0);
  });
}
