import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { readingOnly } from "../../src/db/open-to-read.ts";
import { readModel, type Model } from "../../src/migrate/drift/definitions.ts";
import { differencesOf } from "../../src/migrate/drift/differences.ts";
import { scriptFrom } from "../../src/migrate/drift/script.ts";
import { migrationText, restoreText } from "../../src/migrate/drift/text.ts";
import { driftOf } from "../../src/migrate/drift/drift.ts";
import { readMigrations } from "../../src/migrate/files/files.ts";
import { downPlan, migrateDown } from "../../src/migrate/migrate.ts";
import { isNightly } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { driftsOf, type DriftCase } from "../helpers/drifts.ts";
import { changesFor, schemaListing } from "../helpers/empty.ts";
import { warm } from "../helpers/warm.ts";

const onwards = { shadow: "", stop: { requested: false } };

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("an untouched store has no drift, at any version", async (t) => {
      const store = await storeFor(t, engine);
      const step = isNightly ? 1 : 12;
      // Who runs the server says what it sends on.
      if (engine.dialect === "postgres")
        await typed(store.database, "create publication cowriedb_test for table audit_log");
      for (let isThere = true; isThere;) {
        const found = await driftOf(store.target, onwards);
        const plan = await downPlan(store.database, step);
        isThere = plan.length === step && plan.at(-1)?.name !== readMigrations(engine.dialect)[0]?.name;
        if (isThere) await migrateDown(changesFor(store.database, store.target), plan);

        t.same(found.differences, [], found.schema_version ?? "");
        t.same(found.restore, { statements: [], behind: [], refused: [] });
        t.same(found.not_compared, []);
      }
    });

    await t.test("each drift is told, and what puts it back gives the schema back", async (t) => {
      let store = await storeFor(t, engine);
      const pristine = await modelOf(store);
      const listing = await listingOf(store);
      const untold: string[] = [];
      const left: string[] = [];
      for (const round of roundsOf(engine)) {
        const names = round.map(([name]) => name).join(", ");
        for (const [name, sql] of round) await run(store.database, sql, name);
        const live = await modelOf(store);
        const differences = differencesOf(live, pristine);
        const told = differences.map(({ sentence }) => sentence).join("\n");
        for (const [name, , said, mark] of round) {
          const isLossTold = mark !== "lost" || differences.some(({ loss }) => loss !== null);
          if (!told.includes(said) || !isLossTold) untold.push(`${name}: ${told}`);
        }
        const script = await scriptFrom(store.database, live, pristine);
        await run(store.database, restoreText(script, engine.dialect), `put back ${names}`);
        const rest = await restOf(store, pristine, listing);
        if (rest.length === 0) continue;
        left.push(`${names}: ${rest.slice(0, 3).join(" ")}`);
        store = await storeFor(t, engine);
      }

      t.ok(driftsOf(engine).length >= 60);
      t.same(untold, []);
      t.same(
        left.length,
        driftsOf(engine).filter(([, , , mark]) => mark === "place").length,
        left.join("\n"),
      );
    });

    await t.test(
      "what makes a drift official makes it of an untouched schema, and takes it back",
      async (t) => {
        const drifted = await storeFor(t, engine);
        const other = await storeFor(t, engine);
        const pristine = await modelOf(other);
        for (const sql of official[engine.dialect]) await run(drifted.database, sql, sql);
        const live = await modelOf(drifted);
        // As the runner of migrations does.
        const alone = engine.dialect === "sqlite" ? "pragma foreign_keys = off; " : "";

        const up = await scriptFrom(other.database, pristine, live);
        const down = await scriptFrom(other.database, live, pristine);
        await run(other.database, `${alone}${migrationText(up, engine.dialect)}`, "up");
        const forth = differencesOf(await modelOf(other), live);
        await run(other.database, `${alone}${migrationText(down, engine.dialect)}`, "down");
        const back = differencesOf(await modelOf(other), pristine);

        t.ok(differencesOf(live, pristine).length >= official[engine.dialect].length);
        t.same(forth, []);
        t.same(back, []);
      },
    );

    await t.test("the command tells it, changes nothing, and its SQL puts it back", async (t) => {
      const store = await storeFor(t, engine);
      await typed(store.database, "create index ix_by_hand on jobs (worker)");
      const before = await listingOf(store);
      const drift = async (...words: string[]): ReturnType<typeof warm> =>
        warm(["migrate", "drift", ...words, "--db", store.db]);

      const told = await drift("--json");
      const document = JSON.parse(told.stdout) as { restore: string };
      const after = await listingOf(store);
      await run(store.database, document.restore, "put back");
      const clean = await drift();

      t.equal(told.code, 20);
      t.match(document, {
        drifted: true,
        differences: [
          {
            ...{
              kind: "index",
              relation: "jobs",
              name: "ix_by_hand",
              difference: "unexpected",
              restorable: true,
            },
            sentence: /^Index ix_by_hand of jobs is there, and no migration has made it/,
          },
        ],
        migration: { up: /create index ix_by_hand on/i, down: /drop index/ },
      });
      t.same(after, before);
      t.equal(clean.code, 0);
      t.match(clean.stdout, /✔ The schema is what the ledger says/);
    });
  });
}

/** Drifts that a migration can make as well. */
const official = {
  sqlite: [
    "alter table jobs add column note text",
    "create table by_hand (a integer primary key, b text)",
    "create index ix_by_hand on by_hand (b)",
    "alter table settings add column a text; alter table hydrations drop column error",
    "drop view sensor_gaps; create view sensor_gaps as select 1 as a",
    "drop trigger tr_raw_events_before_delete",
  ],
  postgres: [
    "alter table jobs add column note text not null default 'x'",
    "create table by_hand (a integer generated always as identity primary key, b text check (b != ''))",
    "create index ix_by_hand on by_hand (b) where b is not null",
    "create view by_hand_view as select b from by_hand",
    "drop trigger tr_raw_events_before_delete on raw_events",
    "alter function time_text(timestamptz) volatile",
    "grant select on by_hand_view to cowrie_reporter",
    "alter table jobs set (autovacuum_enabled = false)",
  ],
};

/** Several drifts at a time, of different kinds; at night each alone, and what moves a column always. */
function roundsOf(engine: Engine): DriftCase[][] {
  const all = driftsOf(engine);
  const alone = all.filter(([, , , mark]) => mark === "place").map((one) => [one]);
  const others = all.filter(([, , , mark]) => mark !== "place");
  if (isNightly) return [...alone, ...others.map((one) => [one])];
  const rounds: DriftCase[][] = Array.from({ length: 6 }, () => []);
  for (const [index, one] of others.entries()) rounds[index % rounds.length]?.push(one);
  return [...alone, ...rounds];
}

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  if (store.database.dialect === "sqlite") {
    store.database.handle.unsafeMode(true);
    // The pattern that it is a copy of has none.
    store.database.handle.pragma("journal_mode = wal");
  }
  return store;
}

async function modelOf({ target, database }: TestStore): Promise<Model> {
  const owner = database.dialect === "sqlite" ? "" : "postgres";
  return readingOnly(target, async (reading) => readModel(reading, { ofStore: true, owner }));
}

/** The schema as another listing has it; blanks are none of its business. */
async function listingOf({ database }: TestStore): Promise<string[]> {
  return (await schemaListing(database)).map((line) => line.replaceAll(/\s+/g, " "));
}

async function run(database: Database, text: string, what: string): Promise<void> {
  try {
    if (database.dialect === "postgres") {
      // The driver begins and commits.
      const inside = text.replaceAll(/^(begin|commit);$/gm, "");
      await database.sql.begin(async (sql) => sql.unsafe(inside));
      return;
    }
    database.handle.exec(text);
  } catch (cause) {
    throw new Error(`${what} failed: ${String(cause)}`, { cause });
  } finally {
    if (database.dialect === "sqlite") {
      if (database.handle.inTransaction) database.handle.exec("rollback");
      database.handle.exec("pragma legacy_alter_table = off; pragma foreign_keys = on");
    }
  }
}

/** What is still another after a drift was put back; the listing is made without the model. */
async function restOf(store: TestStore, pristine: Model, listing: readonly string[]): Promise<string[]> {
  const found = differencesOf(await modelOf(store), pristine).map(({ sentence }) => sentence);
  const now = await listingOf(store);
  return [
    ...found,
    ...now.filter((line) => !listing.includes(line)),
    ...listing.filter((line) => !now.includes(line)),
  ];
}
