import t from "tap";
import type { Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { CowriedbError } from "../../src/errors.ts";
import { readMigrations, readProcedures } from "../../src/migrate/files/files.ts";
import { downPlan, migrateDown, migrateUp, schemaStatus } from "../../src/migrate/migrate.ts";
import { verifySchema } from "../../src/migrate/verify.ts";
import { cowriedb, isNightly } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import {
  changesFor,
  emptyPlace,
  type EmptyPlace,
  forgeLedger,
  openPlace,
  schemaListing,
} from "../helpers/empty.ts";
import { warm } from "../helpers/warm.ts";

// To go down to every depth and up again takes a minute on a server: the short run tries one depth in ten, others on
// each engine.
const stride = isNightly ? 1 : 10;
const depths = stride === 1 ? "every depth" : `one depth in ${stride}`;

for (const [number, engine] of engines().entries()) {
  const names = readMigrations(engine.dialect).map(({ name }) => name);
  const last = names.at(-1) ?? "";

  void t.test(engine.name, async (t) => {
    await t.test("init makes a whole store of nothing", async (t) => {
      const place = await placeFor(t, engine);

      const outcome = await warm(["init", "--db", place.db, "--json"]);

      t.equal(outcome.code, 0, outcome.stderr);
      const document = JSON.parse(outcome.stdout) as {
        migrations: { name: string }[];
        schema_version: string;
      };
      t.same(
        document.migrations.map(({ name }) => name),
        names,
      );
      t.equal(document.schema_version, last);
      const database = await openFor(t, place);
      const status = await schemaStatus(database);
      t.same(
        [...new Set([...status.migrations, ...status.procedures].map(({ state }) => state))],
        ["applied"],
      );
      t.equal(status.procedures.length, readProcedures(engine.dialect).length);
    });

    await t.test("a second init and a second up change nothing", async (t) => {
      const store = await storeFor(t, engine);
      const before = await everything(store.database);

      const again = await migrateUp(store.database, changesFor(store.database, store.target));
      const init = await warm(["init", "--db", store.db]);
      const up = await warm(["migrate", "up", "--db", store.db]);

      t.same(again, { migrations: [], procedures: 0, schema_version: last });
      t.match(init, { code: 0, stdout: /is a store already.*Nothing was changed/ });
      t.match(up, { code: 0, stdout: /Nothing is pending/ });
      t.same(await everything(store.database), before);
    });

    await t.test("up, down one by one, and up again gives the same schema", async (t) => {
      const store = await storeFor(t, engine);
      const changes = changesFor(store.database, store.target);
      const before = await schemaListing(store.database);

      for (const name of names.toReversed()) {
        const plan = await downPlan(store.database, 1);
        t.same(
          plan.map((migration) => migration.name),
          [name],
        );
        await migrateDown(changes, plan);
      }
      const empty = await schemaListing(store.database);
      const status = await schemaStatus(store.database);
      await migrateUp(store.database, changes);

      t.same(
        empty.filter((line) => /^(trigger|view) /.test(line)),
        [],
        "no view or trigger is left",
      );
      t.same(
        empty.filter((line) => /^(table|column) /.test(line) && !line.includes("schema_ledger")),
        [],
      );
      t.equal(status.schema_version, null);
      t.same(await schemaListing(store.database), before);
    });

    await t.test(`from ${depths} of the way down one can go up again`, async (t) => {
      const store = await storeFor(t, engine);
      const changes = changesFor(store.database, store.target);
      const before = await schemaListing(store.database);

      for (let steps = 1; steps <= names.length; steps++) {
        if (steps % stride !== number % stride) continue;
        for (let step = 0; step < steps; step++)
          await migrateDown(changes, await downPlan(store.database, 1));
        await migrateUp(store.database, changes);
        t.same(await schemaListing(store.database), before, `after ${steps} down`);
      }
      t.same(await verifySchema(store.database), []);
    });

    await t.test("migrate down asks for the name, and takes back that one", async (t) => {
      const store = await storeFor(t, engine);
      const down = ["migrate", "down", "--db", store.db];

      const unsure = await warm(down);
      const wrong = await warm([...down, "--confirm", names[0] ?? ""]);
      const dry = await warm([...down, "--dry-run"]);
      const done = await warm([...down, "--confirm", last]);
      const use = await warm(["status", "--db", store.db]);

      t.match(unsure, {
        code: 64,
        stdout: "",
        stderr: new RegExp(`takes back ${last}.*migrate down --db .* --confirm ${last}`, "s"),
      });
      t.match(wrong, { code: 64, stdout: "" });
      t.match(dry, { code: 0, stdout: new RegExp(`Would take back ${last}`) });
      t.match(done, { code: 0, stdout: new RegExp(`Took back ${last}`) });
      t.match(use, { code: 1, stdout: "", stderr: /not applied.*cowriedb migrate up/s });
    });

    await t.test(
      "migrate down --all asks for the store, takes back all, and a store can be made there again",
      async (t) => {
        const store = await storeFor(t, engine);
        const down = ["migrate", "down", "--all", "--db", store.db];

        const wrong = await warm([...down, "--confirm", last]);
        const dry = await warm([...down, "--dry-run", "--json"]);
        const done = await warm([...down, "--confirm", store.db]);
        const none = await warm(["status", "--db", store.db]);
        const again = await warm(["init", "--db", store.db]);

        t.match(wrong, {
          code: 64,
          stdout: "",
          stderr: /takes back all \d+ migrations.*All that the store holds/s,
        });
        t.same((JSON.parse(dry.stdout) as { migrations: string[] }).migrations, [...names].reverse());
        t.match(done, { code: 0, stdout: /the schema is at nothing/ });
        t.match(none, { code: 1, stderr: /holds no cowriedb store/ });
        t.equal(again.code, 0, again.stderr);
      },
    );

    await t.test("migrate verify holds on a fresh store, and finds a dropped index", async (t) => {
      const store = await storeFor(t, engine);

      const sound = await warm(["migrate", "verify", "--db", store.db, "--json"]);
      await typed(store.database, "drop index ix_raw_events_src_ip");
      const broken = await warm(["migrate", "verify", "--db", store.db, "--json"]);

      t.equal(sound.code, 0, sound.stderr);
      t.match(JSON.parse(sound.stdout || "{}"), { holds: true, broken: [], changed: [] });
      t.equal(broken.code, 20, broken.stderr);
      t.match(JSON.parse(broken.stdout || "{}"), {
        holds: false,
        broken: [{ name: "0002_raw_events_create", rows: 1 }],
      });
    });

    await t.test("a file that was changed after it was applied is refused with both digests", async (t) => {
      const store = await storeFor(t, engine);
      const applied = "0".repeat(64);
      const file = readMigrations(engine.dialect)[1];
      await forgeLedger(
        store.database,
        `update schema_ledger set digest = '${applied}' where name = '${file?.name ?? ""}'`,
      );

      const error = await refusal(migrateUp(store.database, changesFor(store.database, store.target)));
      const use = await warm(["status", "--db", store.db]);
      const verify = await warm(["migrate", "verify", "--db", store.db, "--json"]);

      t.equal(error.code, "migrate.changed_file");
      for (const part of [file?.name ?? "?", applied, file?.digest ?? "?"])
        t.ok(error.message.includes(part), part);
      t.match(error.hint, /cowriedb migrate bless/);
      t.match(use, { code: 1, stdout: "", stderr: /was changed after it was applied/ });
      t.equal(verify.code, 20);
      t.match(JSON.parse(verify.stdout || "{}"), {
        holds: false,
        changed: [{ name: file?.name, state: "changed" }],
      });
    });

    await t.test("a procedure whose text changed is applied again", async (t) => {
      const store = await storeFor(t, engine);
      const before = await schemaListing(store.database);
      const name = "views/event_contributions";
      await forgeLedger(store.database, `update schema_ledger set digest = 'old' where name = '${name}'`);

      const use = await warm(["status", "--db", store.db]);
      await migrateUp(store.database, changesFor(store.database, store.target));

      t.match(use, { code: 1, stderr: /cowriedb migrate up/ });
      t.same(await schemaListing(store.database), before);
      t.same(
        (await schemaStatus(store.database)).procedures.filter(({ state }) => state !== "applied"),
        [],
      );
    });

    await t.test("a store of a newer program is left alone", async (t) => {
      const store = await storeFor(t, engine);
      await typed(
        store.database,
        "insert into schema_ledger (ledger_id, kind, name, action, digest, duration_ms, actor, tool_version) " +
          "values (99999, 'migration', '9999_from_the_future', 'up', 'x', 0, 'somebody', '99.0.0')",
      );

      const error = await refusal(migrateUp(store.database, changesFor(store.database, store.target)));
      const outcomes = [];
      for (const words of [
        ["status"],
        ["report", "daily"],
        ["migrate", "up"],
        ["migrate", "down"],
        ["ingest", "bulk", "x"],
      ]) {
        outcomes.push(await warm([...words, "--db", store.db]));
      }

      t.equal(error.code, "migrate.newer_schema");
      for (const outcome of outcomes) {
        t.match(outcome, {
          code: 1,
          stdout: "",
          stderr: /9999_from_the_future.*Install the newer cowriedb/s,
        });
      }
    });

    await t.test("two runs of init at once end with one whole store", async (t) => {
      const place = await placeFor(t, engine);

      const outcomes = await Promise.all([1, 2].map(async () => cowriedb(["init", "--db", place.db])));

      for (const { code, stderr } of outcomes)
        t.ok(code === 0 || code === 75, `exit code ${code}: ${stderr}`);
      t.ok(outcomes.some(({ code }) => code === 0));
      const database = await openFor(t, place);
      const rows = await typed(
        database,
        "select name from schema_ledger where kind = 'migration' and action = 'up' order by name",
      );
      t.same(
        rows.map((row) => row["name"]),
        names,
      );
      t.same(await verifySchema(database), []);
    });

    await t.test("before init, every command says to run it", async (t) => {
      const place = await placeFor(t, engine);
      const missing = await warm(["status", "--db", place.db]);
      await closeDatabase(await openPlace(place));

      const empty = await warm(["status", "--db", place.db]);
      const verify = await warm(["migrate", "verify", "--db", place.db]);

      for (const outcome of [missing, empty, verify]) {
        t.match(outcome, { code: 1, stdout: "", stderr: /Run: cowriedb init/ });
      }
    });
  });
}

async function placeFor(t: Test, engine: Engine): Promise<EmptyPlace> {
  const place = await emptyPlace(engine);
  t.teardown(async () => place.dispose());
  return place;
}

async function openFor(t: Test, place: EmptyPlace): Promise<Database> {
  const database = await openPlace(place);
  t.teardown(async () => closeDatabase(database));
  return database;
}

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(async () => store.dispose());
  return store;
}

async function everything(database: Database): Promise<unknown> {
  return [
    await schemaListing(database),
    await typed(database, "select * from schema_ledger order by ledger_id"),
  ];
}

async function refusal(work: Promise<unknown>): Promise<CowriedbError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CowriedbError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
