import t from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { packageFiles, readMigrations, type Migration } from "../../src/migrate/files/files.ts";
import { folderUp } from "../../src/migrate/folder/change.ts";
import { migrateUp } from "../../src/migrate/migrate.ts";
import { upTo } from "../../src/migrate/work.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { changesFor, emptyPlace, openPlace, schemaListing } from "../helpers/empty.ts";
import { ownFolder, silent, type OwnFolder } from "../helpers/own-folder.ts";
import { randomFrom } from "../helpers/random.ts";
import { warm } from "../helpers/warm.ts";

const names = ["0001_a_create", "0002_b_create", "0003_c_create", "0004_d_create", "0005_e_create"];

for (const [number, engine] of engines().entries()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "files that come in any order are refused where one is late, and end in one schema where that is allowed",
      async (t) => {
        const straight = await ownFolder(t, engine, names);
        await straight.run("up");
        const whole = await straight.listing();
        const below = randomFrom(11 + number);

        for (let round = 0; round < scaled(20); round++) {
          const theirs = await ownFolder(t, engine, []);
          let newest = "";
          for (const name of shuffled(names, below)) {
            theirs.arrives(name);
            const isLate = name < newest;
            const before = await everything(theirs);
            const plain = await upCode(theirs, false);
            t.equal(plain, isLate ? "migrate.out_of_order" : "done", `${name} behind ${newest}`);
            if (isLate) {
              t.same(await everything(theirs), before, "nothing was changed");
              t.equal(await upCode(theirs, true), "done");
            }
            newest = isLate ? newest : name;
          }
          t.same(await theirs.applied(), names);
          t.same(await reasonsOf(theirs), (await theirs.documentOf("status"))["out_of_order"]);
          t.same(await theirs.listing(), whole);
        }
      },
    );

    await t.test("the same is so of a store", async (t) => {
      const below = randomFrom(23 + number);
      const migrations = names.map((name): Migration => madeUp(name));
      const listings: string[][] = [];
      for (const order of [migrations, shuffled(migrations, below), migrations.toReversed()]) {
        const place = await emptyPlace(engine);
        t.teardown(place.dispose);
        const database = await openPlace(place);
        t.teardown(async () => closeDatabase(database));
        let newest = "";
        for (const [index, { name }] of order.entries()) {
          const there = order.slice(0, index + 1).sort((one, other) => (one.name < other.name ? -1 : 1));
          const files = { migrations: there, procedures: engine.dialect === "sqlite" ? [] : [grants] };
          const up = async (allowsLate: boolean): Promise<string> =>
            codeOf(
              migrateUp(database, changesFor(database, place.target), undefined, {
                files,
                ...(allowsLate ? { choose: upTo("", true, "it") } : {}),
              }),
            );
          const isLate = name < newest;
          t.equal(await up(false), isLate ? "migrate.out_of_order" : "done");
          if (isLate) t.equal(await up(true), "done");
          newest = isLate ? newest : name;
        }
        listings.push(await schemaListing(database));
      }
      t.same(listings[1], listings[0]);
      t.same(listings[2], listings[0]);
    });

    await t.test("a late file is named wherever one looks, with commands that help", async (t) => {
      const theirs = await ownFolder(
        t,
        engine,
        names.filter((name) => !name.startsWith("0002")),
      );
      await theirs.run("up", "--to", "4");
      theirs.arrives("0002_b_create");

      const { error } = (await theirs.documentOf("up")) as { error: { message: string; hint: string } };
      const plan = (await theirs.documentOf("plan")) as { error: { code: string } };
      const status = await theirs.run("status");
      const drift = await theirs.run("drift");
      const allowed = await theirs.documentOf("plan", "--out-of-order", "--to", "2");
      const done = await theirs.run(
        "up",
        "--out-of-order",
        "--to",
        "2",
        "--plan",
        String(allowed["plan_id"]),
      );
      const after = await theirs.documentOf("status");
      const down = await theirs.documentOf("down", "--dry-run", "--to", "3");

      t.match(
        error.message,
        /0002_b_create of ours comes late: it is not applied, and 0003_c_create, 0004_d_create behind it are/,
      );
      t.match(error.hint, /migrate renumber --dir .* 0002_b_create; or .*migrate up --dir .* --out-of-order/);
      t.equal(plan.error.code, "migrate.out_of_order");
      t.match(
        status.stdout,
        /0002_b_create +pending, late.*Next: cowriedb migrate renumber --dir .* 0002_b_create/s,
      );
      t.equal(drift.code, 0, "a file that is not applied is no drift");
      t.match(allowed, { migrations: [{ name: "0002_b_create" }] });
      t.equal(done.code, 0, done.stderr);
      t.match(after, { late: [], out_of_order: ["0002_b_create"], schema_version: "0004_d_create" });
      t.same(down["migrations"], ["0002_b_create", "0004_d_create"], "the last applied goes first");
    });

    await t.test("the ledger of a store keeps that one was allowed", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const { migrations, procedures } = packageFiles(engine.dialect);
      const [early, late] = ["9998_x_create", "9999_y_create"].map(madeUp) as [Migration, Migration];
      const up = async (added: Migration[]): Promise<unknown> =>
        migrateUp(store.database, changesFor(store.database, store.target), undefined, {
          files: { migrations: [...migrations, ...added], procedures },
          choose: upTo("", true, "it"),
        });

      await up([late]);
      await up([early, late]);

      t.same(
        await typed(
          store.database,
          "select name, reason from schema_ledger where name like '999%' order by 1",
        ),
        [
          { name: early.name, reason: `out of order: ${late.name} was applied before` },
          { name: late.name, reason: null },
        ],
      );
    });

    await t.test("a store names it too, in status and doctor", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const name = readMigrations(engine.dialect)[4]?.name ?? "";
      await typed(
        store.database,
        "insert into schema_ledger (ledger_id, kind, name, action, digest, duration_ms, actor, tool_version) " +
          `select max(ledger_id) + 1, 'migration', '${name}', 'down', 'x', 0, 'somebody', '0' from schema_ledger`,
      );

      const up = await warm(["migrate", "up", "--json", "--db", store.db]);
      const status = await warm(["migrate", "status", "--json", "--db", store.db]);
      const doctor = await warm(["doctor", "--json", "--db", store.db]);

      t.match(JSON.parse(up.stdout), {
        error: { code: "migrate.out_of_order", hint: /migrate renumber .*--out-of-order/ },
      });
      t.match(JSON.parse(status.stdout), { late: [name], out_of_order: [] });
      const { findings } = JSON.parse(doctor.stdout) as { findings: { subject: string }[] };
      t.match(
        findings.find(({ subject }) => subject === "migrations"),
        { level: "warning", present: new RegExp(`${name} comes late`), command: /migrate renumber/ },
      );
    });
  });
}

async function everything(theirs: OwnFolder): Promise<unknown> {
  const ledger = theirs.database.dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
  const rows = await typed(theirs.database, `select * from ${ledger} order by ledger_id`).catch(() => []);
  return [await theirs.listing(), rows];
}

/** Which migrations the ledger says were out of order. */
async function reasonsOf({ database }: OwnFolder): Promise<string[]> {
  const ledger = database.dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
  const rows = await typed(
    database,
    `select name from ${ledger} where action = 'up' and reason like 'out of order: 000%' order by name`,
  );
  return rows.map((row) => String(row["name"]).slice("ours/".length));
}

async function upCode(theirs: OwnFolder, allowsLate: boolean): Promise<string> {
  const { database, place } = theirs;
  return codeOf(folderUp(database, place.target, theirs.folder(), "", silent, { allowsLate }));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );
}

function shuffled<T>(all: readonly T[], below: (n: number) => number): T[] {
  const left = [...all];
  return all.map(() => left.splice(below(left.length), 1)[0] as T);
}

/** What the end of each change of a PostgreSQL store calls. */
const grantsText =
  "create or replace function grant_roles () returns integer language sql as $$ select 0 $$;\n";
const grants = { name: "functions/grant_roles", text: grantsText, digest: hexDigestOf(grantsText) };

function madeUp(name: string): Migration {
  const table = name.slice(5, 6);
  const upText = `create table ${table} (id integer);\ncreate index ix_${table} on ${table} (id);\n`;
  const downText = `drop table ${table};\n`;
  return {
    ...{ name, upText, downText, digest: hexDigestOf(upText), downDigest: hexDigestOf(downText) },
    ...{ why: "", locks: "", undo: "" },
  };
}
