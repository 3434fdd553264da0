import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { hexDigestOf } from "../../src/checksum.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { readMigrations, type Migration } from "../../src/migrate/files.ts";
import { folderUp } from "../../src/migrate/folder-change.ts";
import { migrateUp } from "../../src/migrate/migrate.ts";
import { upTo } from "../../src/migrate/work.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { changesFor, emptyPlace, openPlace, schemaListing } from "../helpers/empty.ts";
import { ownFolder, silent, writeOwn, type OwnFolder } from "../helpers/own-folder.ts";
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
      t.match(error.hint, /migrate renumber 0002_b_create --dir .*; or .*migrate up --out-of-order --dir /);
      t.equal(plan.error.code, "migrate.out_of_order");
      t.match(status.stdout, /0002_b_create +pending, late.*Next: cowriedb migrate renumber 0002_b_create/s);
      t.equal(drift.code, 0, "a file that is not applied is no drift");
      t.match(allowed, { migrations: [{ name: "0002_b_create" }] });
      t.equal(done.code, 0, done.stderr);
      t.match(after, { late: [], out_of_order: ["0002_b_create"], schema_version: "0004_d_create" });
      t.same(down["migrations"], ["0002_b_create", "0004_d_create"], "the last applied goes first");
    });

    await t.test("a store names it too, in status and doctor", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const name = readMigrations(engine.dialect)[4]?.name ?? "";
      await typed(
        store.database,
        "insert into schema_ledger (kind, name, action, digest, duration_ms, actor, tool_version) " +
          `values ('migration', '${name}', 'down', 'x', 0, 'somebody', '0')`,
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

    await t.test("a late file gets the next number, everywhere it is named, and goes up", async (t) => {
      const theirs = await numbered(t, engine);

      const dry = await theirs.documentOf("renumber", "--dry-run");
      const before = filesOf(theirs.dir);
      const done = await theirs.documentOf("renumber");
      const after = filesOf(theirs.dir);
      const again = await theirs.run("renumber");
      const lint = await theirs.run("lint");
      const plan = await theirs.documentOf("plan", "--to", "@first");
      const up = await theirs.run("up");

      t.same({ ...done, dry_run: true }, dry);
      t.match(done, {
        moves: [{ from: "0002_b_create", to: "0006_b_create" }],
        left: [`${engine.dialect}/0003_c_create.up.sql`],
        overtaken: ["0005_e_create"],
      });
      t.ok(
        [...before.keys()].some((path) => path.includes("0002_b_create")),
        "a dry run changed nothing",
      );
      t.notOk([...after.keys()].some((path) => path.includes("0002_b_create")));
      const naming = [...after].filter(([, text]) => text.includes("0002_b_create")).map(([path]) => path);
      t.same(naming, [`${engine.dialect}/0003_c_create.up.sql`], "only what is applied names it as before");
      t.equal(after.get(`${engine.dialect}/0006_b_create.up.sql`)?.split("\n")[0], "-- 0006_b_create");
      t.match(again.stdout, /Nothing is to be renumbered/);
      t.equal(lint.code, 0, lint.stdout);
      t.match(plan, { migrations: [{ name: "0005_e_create" }, { name: "0006_b_create" }] });
      t.not(plan["predicted_ms"], undefined);
      const cost = (after.get("costs.tsv") ?? "")
        .split("\n")
        .find((line) => line.startsWith(`${engine.dialect}\t0006_b_create`));
      const digest = hexDigestOf(after.get(`${engine.dialect}/0006_b_create.up.sql`) ?? "").slice(0, 16);
      t.ok(cost?.includes(digest), "what was measured is of this text still");
      t.equal(up.code, 0, up.stderr);
    });

    await t.test("two of one number, an applied one, and one that is asked for", async (t) => {
      const theirs = await ownFolder(t, engine, names.slice(0, 2));
      await theirs.run("up");
      theirs.arrives("0002_z_create");
      theirs.arrives("0004_d_create");

      const twice = (await theirs.documentOf("up")) as { error: { code: string; hint: string } };
      const applied = await theirs.documentOf("renumber", "0001");
      const unknown = await theirs.documentOf("renumber", "0009_x");
      const done = await theirs.documentOf("renumber");
      theirs.arrives("0005_x_create");
      const unsure = await theirs.documentOf("renumber");
      const file = join(theirs.dir, engine.dialect, "0005_x_create.up.sql");
      const asked = await theirs.documentOf("renumber", file);
      const up = await theirs.run("up");

      t.match(twice.error, { code: "migrate.name", hint: /migrate renumber --dir / });
      t.match(applied, { error: { code: "migrate.applied" } });
      t.match(unknown, { error: { code: "migrate.name" } });
      t.match(done, { moves: [{ from: "0002_z_create", to: "0005_z_create" }] });
      t.match(unsure, { error: { code: "migrate.name", hint: /renumber 0005_z_create/ } });
      t.match(asked, {
        moves: [{ from: "0005_x_create", to: "0006_x_create" }],
        overtaken: ["0005_z_create"],
      });
      t.equal(up.code, 0, up.stderr);
      t.same(await theirs.applied(), [
        ...["0001_a_create", "0002_b_create", "0004_d_create", "0005_z_create", "0006_x_create"],
      ]);
    });

    await t.test("a tag is a line beside the files, stays where it is, and is shown", async (t) => {
      const theirs = await ownFolder(t, engine, names);
      const tag = async (...words: string[]): Promise<Record<string, unknown>> =>
        theirs.documentOf("tag", ...words).catch(() => ({}));

      const last = await tag("release-2", "--note", "the second\tone");
      const first = await tag("release-1", "--at", "2");
      const text = readFileSync(join(theirs.dir, "tags.tsv"), "utf8");
      const moved = await tag("release-1", "--at", "3");
      const odd = await tag("a tag");
      const unknown = await tag("later", "--at", "0042");
      const up = await theirs.documentOf("up", "--to", "@release-1");
      const status = await theirs.documentOf("status");

      t.match(last, { tag: "release-2", migration: "0005_e_create" });
      t.match(first, { tag: "release-1", migration: "0002_b_create" });
      t.equal(
        text,
        "tag\tmigration\tnote\nrelease-2\t0005_e_create\tthe second one\nrelease-1\t0002_b_create\t\n",
      );
      t.match(moved, { error: { code: "migrate.tag", message: /is given: to 0002_b_create/ } });
      t.match(odd, { error: { code: "migrate.tag" } });
      t.match(unknown, { error: { code: "migrate.name" } });
      t.equal(readFileSync(join(theirs.dir, "tags.tsv"), "utf8"), text);
      t.match(up, { schema_version: "0002_b_create" });
      t.same(
        (status["tags"] as { tag: string }[]).map((one) => one.tag),
        ["release-2", "release-1"],
      );
    });
  });
}

/** A folder for both engines of which 1, 3 and 4 are applied, 2 is late, 5 pending; whose tables, notes and files name the late one. */
async function numbered(t: Test, engine: Engine): Promise<OwnFolder> {
  const theirs = await ownFolder(t, engine, []);
  const { dir } = theirs;
  for (const dialect of ["sqlite", "postgres"] as const) {
    for (const name of names) writeOwn(dir, dialect, name);
    mkdirSync(join(dir, "verify", dialect), { recursive: true });
    writeFileSync(
      join(dir, "verify", dialect, "0002_b_create.sql"),
      "-- 0002_b_create\nselect 1 where false\n",
    );
    writeFileSync(
      join(dir, "verify", dialect, "0001_a_create.sql"),
      "-- Until: 0002_b_create\nselect 1 where false\n",
    );
    const cost = readFileSync(join(dir, dialect, "0002_b_create.up.sql"), "utf8");
    const line = [
      dialect,
      "0002_b_create",
      hexDigestOf(cost).slice(0, 16),
      "-",
      "-",
      "catalog",
      "1",
      "0",
      "x",
    ];
    const head = "dialect\tmigration\tdigest\ttable\tlock\twork\tfixed_ms\tper_million_ms\tmeasured\n";
    const known = dialect === "sqlite" ? head : readFileSync(join(dir, "costs.tsv"), "utf8");
    writeFileSync(join(dir, "costs.tsv"), `${known}${line.join("\t")}\n`);
  }
  const named = join(dir, engine.dialect, "0003_c_create.up.sql");
  writeFileSync(named, `-- Then: 0002_b_create\n${readFileSync(named, "utf8")}`);
  writeFileSync(join(dir, "tags.tsv"), "tag\tmigration\tnote\nfirst\t0002_b_create\t\n");
  writeFileSync(join(dir, "README.md"), "| `0002_b_create` | b |\n");
  const aside = join(dir, "../aside");
  cpSync(join(dir, engine.dialect), aside, { recursive: true });
  for (const way of ["up", "down"]) rmSync(join(dir, engine.dialect, `0002_b_create.${way}.sql`));
  await theirs.run("up", "--to", "4");
  for (const way of ["up", "down"])
    copyFileSync(
      join(aside, `0002_b_create.${way}.sql`),
      join(dir, engine.dialect, `0002_b_create.${way}.sql`),
    );
  return theirs;
}

/** Every file below a folder by its path there. */
function filesOf(dir: string): Map<string, string> {
  return new Map(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(dir.length + 1), readFileSync(path, "utf8")]),
  );
}

async function everything(theirs: OwnFolder): Promise<unknown> {
  const ledger = theirs.database.dialect === "sqlite" ? "schema_ledger" : "cowrie.schema_ledger";
  const rows = await typed(theirs.database, `select * from ${ledger} order by ledger_id`).catch(() => []);
  return [await theirs.listing(), rows];
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
