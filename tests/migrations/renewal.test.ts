import t, { type Test } from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { readingOnly } from "../../src/db/open-to-read.ts";
import { CowriedbError } from "../../src/errors.ts";
import {
  packageFiles,
  type Dialect,
  type Procedure,
  type SchemaFiles,
} from "../../src/migrate/files/files.ts";
import { migrateUp } from "../../src/migrate/migrate.ts";
import { planUp } from "../../src/migrate/plan.ts";
import { touchedBy } from "../../src/migrate/procedures/renewal.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { changesFor, emptyPlace, forgeLedger, openPlace, schemaListing } from "../helpers/empty.ts";
import { warm } from "../helpers/warm.ts";

for (const engine of engines()) {
  const { dialect } = engine;
  void t.test(engine.name, async (t) => {
    await t.test(
      "only what changed is made again, and what needs it where the engine asks for that",
      async (t) => {
        const store = await storeFor(t, engine);
        const before = await schemaListing(store.database);
        await age(store, "views/session_rollup");

        const plan = await readingOnly(store.target, async (database) => planUp(database));
        const made = plan.steps.filter(({ of }) => of === "procedures").map(({ text }) => text);
        const result = await up(store);

        t.same(
          plan.procedures.map(({ name }) => name),
          ["views/session_rollup"],
        );
        t.equal(result.procedures, 1 + plan.remade.length);
        if (dialect === "sqlite") {
          t.same(plan.remade, [], "SQLite finds a view when it is read");
          t.equal(made.length, 2, "a drop and the file");
        } else {
          t.ok(plan.remade.includes("views/session_differences"), plan.remade.join());
          t.notOk(plan.remade.some((name) => name.startsWith("triggers/")));
          t.same(
            plan.locks.filter(({ is_view }) => !is_view),
            [],
            "no table is locked",
          );
        }
        t.same(await schemaListing(store.database), before);
      },
    );

    await t.test("a trigger that changed leaves every other table alone", async (t) => {
      const store = await storeFor(t, engine);
      await age(store, "triggers/settings_after_update");

      const plan = await readingOnly(store.target, async (database) => planUp(database));
      await up(store);

      t.same(plan.remade, []);
      t.same(
        plan.locks.map(({ table, lock, blocks_reads }) => [table, lock, blocks_reads]),
        dialect === "sqlite" ? [] : [["cowrie.settings", "SHARE ROW EXCLUSIVE", false]],
      );
      t.ok(plan.predicted_ms !== null && plan.predicted_ms < 100, String(plan.predicted_ms));
    });

    await t.test(
      "the order is found in the texts, whatever the files are called and however they lie",
      async (t) => {
        const place = await emptyPlace(engine);
        t.teardown(place.dispose);
        const whole = await storeFor(t, engine);
        const database = await openPlace(place);
        t.teardown(async () => closeDatabase(database));
        const { migrations, procedures } = packageFiles(dialect);
        const bare = procedures.toReversed().map((one): Procedure => ({
          ...one,
          text: one.text.replaceAll(/^-- Needs: .*\n(?:-- {4,}\S.*\n)*/gm, ""),
        }));

        await migrateUp(database, changesFor(database, place.target), undefined, {
          files: { migrations, procedures: bare },
        });

        const listing = async (of: typeof database): Promise<string[]> =>
          (await schemaListing(of)).map((line) => line.replace(/:[\s\S]*/, ""));
        t.same(await listing(database), await listing(whole.database));
      },
    );

    await t.test("what another has made and needs ours is named, and nothing is dropped", async (t) => {
      const store = await storeFor(t, engine);
      const theirs = dialect === "sqlite" ? "theirs" : "public.theirs";
      await typed(
        store.database,
        `create view ${theirs} as select snapshot_country, sessions from ${dialect === "sqlite" ? "" : "cowrie."}country_days`,
      );
      const before = await schemaListing(store.database);

      await age(store, "views/country_days");
      await up(store);
      const stays = await typed(store.database, `select count(*) as n from ${theirs}`);
      const narrow = await refusal(up(store, filesWith(dialect, "views/country_days", narrowView(dialect))));
      const gone = await refusal(up(store, filesWithout(dialect, "views/country_days")));
      const down = await warm([
        "migrate",
        "down",
        "--confirm",
        packageFiles(dialect).migrations.at(-1)?.name ?? "",
        "--db",
        store.db,
      ]);

      t.equal(Number(stays[0]?.["n"]), 0, "replaced in its place");
      t.match(narrow.message, /theirs|country_days/);
      if (dialect === "postgres") {
        t.equal(narrow.code, "migrate.foreign_object");
        t.match(gone, {
          code: "migrate.foreign_object",
          message: /view public\.theirs is not ours and needs view country_days/,
        });
        t.match(gone.hint, /drop view "public"\."theirs"/);
        t.match(down, { code: 1, stderr: /view public\.theirs is not ours/ });
      } else t.equal(narrow.code, "migrate.does_not_compile");
      t.same(await schemaListing(store.database), before);
    });

    if (dialect === "sqlite") return;
    await t.test(
      "a function with other arguments or another result takes the place of the old one",
      async (t) => {
        const store = await storeFor(t, engine);
        const { migrations, procedures } = packageFiles(dialect);

        for (const [takes, gives] of [
          ["a bigint", "text"],
          ["b bigint, c text", "text"],
          ["b bigint, c text", "date"],
        ] as const) {
          const text = `create or replace function probe(${takes})\nreturns ${gives}\nlanguage sql\nas $$\n  select null::${gives};\n$$;\n`;
          const probe = { name: "functions/probe", text, digest: hexDigestOf(text) };
          const over = "create or replace view probe_days as\nselect probe(1, 'x') as a;\n";
          const view = { name: "views/probe_days", text: over, digest: hexDigestOf(over) };
          const views = takes.includes("c text") ? [view] : [];
          await up(store, { migrations, procedures: [...views, ...procedures, probe] });
          const rows = await typed(
            store.database,
            "select pg_get_function_identity_arguments(oid) as takes, pg_get_function_result(oid) as gives from pg_proc where proname = 'probe'",
          );
          t.same(rows, [{ takes, gives }]);
        }
        await up(store, { migrations, procedures });

        t.same(
          await schemaListing(store.database),
          await schemaListing((await storeFor(t, engine)).database),
        );
      },
    );
  });
}

void t.test("what a migration touches is what it changes, not what it makes or reads", async (t) => {
  const touched = (upText: string, dialect: Dialect): unknown => {
    const found = touchedBy([{ upText }], dialect);
    return found === undefined ? undefined : [...found].sort();
  };
  for (const dialect of ["sqlite", "postgres"] as const) {
    t.same(touched("create table a (b integer); create index ix_c on d (e);", dialect), []);
    t.same(
      touched("alter table a add column b integer; update c set d = 1; insert into e values (1);", dialect),
      ["a", "c", "e"],
    );
    t.equal(touched("drop view a;", dialect), undefined);
  }
  t.equal(touched("do $$ begin null; end $$;", "postgres"), undefined);
  return Promise.resolve();
});

async function storeFor(t: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  return store;
}

async function up({ database, target }: TestStore, files?: SchemaFiles): ReturnType<typeof migrateUp> {
  return migrateUp(database, changesFor(database, target), undefined, files === undefined ? {} : { files });
}

/** As if the file had been another when it was applied. */
async function age({ database }: TestStore, name: string): Promise<void> {
  await forgeLedger(database, `update schema_ledger set digest = 'old' where name = '${name}'`);
}

function filesWith(dialect: Dialect, name: string, text: string): SchemaFiles {
  const { migrations, procedures } = packageFiles(dialect);
  const added = { name, text, digest: hexDigestOf(text) };
  return { migrations, procedures: [...procedures.filter((one) => one.name !== name), added] };
}

function filesWithout(dialect: Dialect, name: string): SchemaFiles {
  const { migrations, procedures } = packageFiles(dialect);
  return { migrations, procedures: procedures.filter((one) => one.name !== name) };
}

/** The view without the column that others ask for. */
function narrowView(dialect: Dialect): string {
  return `create ${dialect === "sqlite" ? "" : "or replace "}view country_days as\nselect session_id from session_summaries;\n`;
}

async function refusal(work: Promise<unknown>): Promise<CowriedbError> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof CowriedbError) return error;
  throw new Error("nothing of ours was refused", { cause: error });
}
