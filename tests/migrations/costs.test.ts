import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import { readingOnly } from "../../src/db/open-to-read.ts";
import { costsOnCopy } from "../../src/dev/staircase.ts";
import { packageCosts, readCosts, type Cost } from "../../src/migrate/costs/costs.ts";
import { readFolder } from "../../src/migrate/files/folder-files.ts";
import { measureFolder } from "../../src/migrate/folder/measure.ts";
import { planFolderUp } from "../../src/migrate/folder/plan.ts";
import { planUp } from "../../src/migrate/plan.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { emptyPlace, type EmptyPlace, forgeLedger } from "../helpers/empty.ts";
import { warm } from "../helpers/warm.ts";

/** What is kept beside migrations. */
const beside = ["procedures", "references"];
const silent = { stop: { requested: false }, onBatch: () => undefined };

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("what is kept of our migrations is what they lock", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const kept = readCosts(packageCosts, engine.dialect);
      await forgeLedger(store.database, "update schema_ledger set digest = 'old' where kind = 'procedure'");
      const plan = await readingOnly(store.target, planUp);
      await closeDatabase(store.database);

      const found = await costsOnCopy(sourceOf(store));

      t.same(
        locksOf(found.filter(({ migration }) => !beside.includes(migration))),
        locksOf(kept.filter(({ migration }) => !beside.includes(migration))),
        "run npm run costs",
      );
      const byRule = plan.locks.map(({ table, lock }) => `procedures - ${table} ${lock}`).sort();
      if (engine.dialect === "postgres")
        t.same(
          byRule,
          locksOf(found.filter(({ migration, table }) => migration === "procedures" && table !== "-")),
        );
      t.same(
        plan.locks
          .filter(({ table }) => /^cowrie\.(raw_events|check_raw_events)$/.test(table))
          .map(({ is_view }) => is_view)
          .sort((one, other) => Number(one) - Number(other)),
        engine.dialect === "postgres" ? [false, true] : [],
      );
      t.type(plan.predicted_ms, "number");
    });

    await t.test("a folder that was measured on a copy is predicted for another size", async (t) => {
      const dir = folderOf(t, engine);
      const copy = await placeWith(t, engine, 20_000);
      const live = await placeWith(t, engine, 50_000);
      const words = ["migrate", "measure", "--dir", dir, "--db", copy.place.db];

      const unsure = await warm(words);
      const measured = await measureFolder(copy.database, copy.place.target, folderIn(dir, engine), silent);
      const plan = await readingOnly(live.place.target, async (database) =>
        planFolderUp(database, folderIn(dir, engine), ""),
      );
      const again = await warm([...words, "--on-a-copy", "--json"]);

      t.match(unsure, { code: 1, stderr: /--on-a-copy/ });
      const isSqlite = engine.dialect === "sqlite";
      const things = isSqlite ? "things" : "public.things";
      const costs = readCosts(measured.file, engine.dialect);
      t.same(
        locksOf(costs),
        [
          "0001_things_index - -",
          `0001_things_index - ${things} ${isSqlite ? "WRITE" : "SHARE"}`,
          "0002_notes_create - -",
          "0003_notes_fill - -",
          // It is not locked against anybody; it is there because the time is that of its rows.
          `0003_notes_fill - ${things} ${isSqlite ? "READ" : "ACCESS SHARE"}`,
          isSqlite ? "0003_notes_fill - notes WRITE" : "0003_notes_fill - public.notes ROW EXCLUSIVE",
          ...(isSqlite ? ["references - things"] : []),
        ].sort(),
      );
      const looks = plan.steps.filter(({ text }) => text === "PRAGMA foreign_key_check").length;
      t.equal(looks, isSqlite ? 2 : 0, "before the file is locked, and behind what writes to a table");
      const ms = costs.map(
        (cost) =>
          (cost.migration === "references" ? looks : 1) *
          (cost.fixed_ms + (cost.per_million_ms * 50_000) / 1_000_000),
      );
      for (const migration of ["0001_things_index", "0003_notes_fill", ...(isSqlite ? ["references"] : [])])
        t.ok(
          costs.some(
            (cost) => cost.migration === migration && cost.table === things && cost.per_million_ms > 0,
          ),
          migration,
        );
      // Each line is rounded.
      t.ok(
        Math.abs((plan.predicted_ms ?? -9) - ms.reduce((sum, one) => sum + one, 0)) <= costs.length / 2,
        String(plan.predicted_ms),
      );
      t.match(plan.locks, [
        { table: things, work: "scan", rows: 50_000, source: /, 20000 rows$/, held_ms: Number },
      ]);
      t.match(JSON.parse(again.stdout), { costs: [], not_measured: [] });
      t.same(
        readFileSync(measured.file, "utf8").split("\n").length,
        costs.length + 2,
        "nothing is pending: what is kept stays",
      );
    });
  });
}

/** A line for each lock, without the times. */
function locksOf(costs: readonly Cost[]): string[] {
  return costs
    .map(({ migration, table, lock }) => `${migration} - ${table}${lock === "-" ? "" : ` ${lock}`}`)
    .sort();
}

function sourceOf({ target }: TestStore): Parameters<typeof costsOnCopy>[0] {
  return target.dialect === "sqlite" ? { path: target.path } : { url: target.url };
}

function folderOf(t: Test, { dialect }: Engine): string {
  const dir = join(t.testdir({}), "ours");
  const files = {
    "0001_things_index": "create index ix_things_a on things (a);\n",
    "0002_notes_create": "create table notes (a integer);\ncreate index ix_notes_a on notes (a);\n",
    "0003_notes_fill": "insert into notes (a) select sum(t.a % 7) from things as t;\n",
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, dialect, `${name}.up.sql`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return dir;
}

function folderIn(dir: string, { dialect }: Engine): ReturnType<typeof readFolder> {
  return readFolder(dir, "", dialect);
}

async function placeWith(
  t: Test,
  engine: Engine,
  rows: number,
): Promise<{ place: EmptyPlace; database: Database }> {
  const place = await emptyPlace(engine);
  t.teardown(place.dispose);
  const database = await openDatabase(place.target, { create: true });
  t.teardown(async () => closeDatabase(database));
  const things = engine.dialect === "sqlite" ? "things" : "public.things";
  const kinds = things.replace("things", "kinds");
  await typed(database, `create table ${kinds} (a integer primary key)`);
  await typed(database, `create table ${things} (a integer, kind integer references ${kinds} (a))`);
  await typed(
    database,
    `insert into ${things} (a) with recursive n (a) as (select 1 union all select a + 1 from n where a < ${rows}) select a from n`,
  );
  if (engine.dialect === "postgres") await typed(database, `analyze ${things}`);
  return { place, database };
}
