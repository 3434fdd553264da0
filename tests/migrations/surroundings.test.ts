import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { engines, typed } from "../helpers/database.ts";
import { theirsFor, type Theirs } from "../helpers/theirs.ts";

function fileOf({ dir, database }: Theirs, name: string): string {
  return join(dir, database.dialect, `${name}.up.sql`);
}

for (const engine of engines().filter(({ dialect }) => dialect === "sqlite")) {
  void t.test(engine.name, async (t) => {
    await t.test("what a file sets of the connection ends with it", async (t) => {
      const theirs = await theirsFor(t, engine);
      const set = ["case_sensitive_like = on", "ignore_check_constraints(1)", "main.legacy_alter_table = 1"];
      const pragmas = set.map((one) => `PRAGMA ${one};`).join("\n");
      theirs.write("0001_a_create", `${pragmas}\ncreate table a (n integer check (n > 0));`);
      theirs.write(
        "0002_a_read",
        "create table b as select 'A' like 'a' as n, legacy_alter_table from pragma_legacy_alter_table;",
      );
      theirs.write("0003_a_alone", "-- Transaction: none\npragma query_only = on;");
      theirs.write("0004_a_fill", "pragma query_only(1);\ninsert into a values (-1);");

      const up = await theirs.run("up");

      t.match(up, { code: 1, stderr: /0004_a_fill of ours .*SQLITE_READONLY/ });
      t.same(await theirs.applied(), ["0001_a_create", "0002_a_read", "0003_a_alone"]);
      t.same(await typed(theirs.database, "select * from b"), [{ n: 1, legacy_alter_table: 0 }]);
      theirs.write("0004_a_fill", "insert into a values (-1);");
      t.match(await theirs.run("up"), { code: 1, stderr: /CHECK constraint failed/ });
    });

    await t.test("a reference that breaks is refused, though another is mended", async (t) => {
      const theirs = await theirsFor(t, engine);
      const tables =
        "create table a (n integer primary key); create table b (k text, n integer references a (n))";
      theirs.write("0001_b_create", `${tables};`);
      await theirs.up();
      if (theirs.database.dialect === "sqlite") theirs.database.handle.pragma("foreign_keys = off");
      await typed(theirs.database, "insert into b values ('x', 77), ('y', 78)");

      theirs.write("0002_b_fill", "delete from b where n = 77; insert into b values ('z', 99);");
      const refused = await theirs.run("up");
      theirs.write(
        "0002_b_fill",
        "create table c (n integer references a (n), k text); insert into c select n, k from b order by n desc; drop table b; alter table c rename to b;",
      );
      const anew = await theirs.run("up");
      theirs.write("0003_b_change", "update b set n = n + 100;");
      const spelled = await theirs.run("up");

      t.match(refused, { code: 1, stderr: /breaks a foreign key: the row 3 of b refers to a row of a / });
      t.match([anew, spelled], [{ code: 0 }, { code: 0 }], "what was broken stays so");
    });
  });
}

for (const engine of engines()) {
  void t.test(`${engine.name}, as they are found`, async (t) => {
    await t.test("an applied file that has another name is told by its text", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer);");
      theirs.write("0002_b_create", "create table b (n integer);");
      await theirs.up();

      renameSync(fileOf(theirs, "0002_b_create"), fileOf(theirs, "0003_c_create"));
      const renamed = await theirs.run("up");
      rmSync(fileOf(theirs, "0003_c_create"));
      const gone = await theirs.run("up");
      rmSync(fileOf(theirs, "0001_a_create"));
      const other = await theirs.run("up");

      const lacks = /which .* does not have/;
      t.match(renamed, {
        code: 1,
        stderr: /0003_c_create has its very text: give its files the name 0002_b_create/,
      });
      t.match(gone.stderr, /Restore 0002_b_create\.up\.sql/);
      t.match(other.stderr, /if it is another folder, .*--owner NAME/);
      t.match([renamed.stderr, gone.stderr, other.stderr], [lacks, lacks, lacks]);
    });

    await t.test("what another folder has made in the same database is no difference", async (t) => {
      const theirs = await theirsFor(t, engine);
      const isFile = engine.dialect === "sqlite";
      const beside = isFile
        ? ""
        : "create function f() returns integer language sql as 'select 1'; create type k as enum ('x'); create schema apart; create table apart.c (n integer);";
      theirs.write(
        "0001_a_create",
        `create table a (n integer); create index ix_a on a (n); create view v as select n from a;${beside}`,
      );
      await theirs.run("up", "--owner", "first");
      theirs.write("0001_a_create", "create table b (n integer);");
      await theirs.run("up", "--owner", "second");

      const drift = await theirs.run("drift", "--owner", "second", "--as", "restore");
      await typed(
        theirs.database,
        isFile ? "create index ix_b on b (n)" : "create index ix_b on public.b (n)",
      );
      const byHand = await theirs.documentOf("drift", "--owner", "second");

      t.match(drift, { code: 22 }, "what may be of another was not compared");
      t.notMatch(drift.stdout, /drop/);
      t.match(byHand, { differences: [{ kind: "index" }] });
      t.equal((byHand["differences"] as unknown[]).length, 1);
    });

    await t.test("a plan does not call several transactions one", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer);");
      await theirs.up();
      const isFile = engine.dialect === "sqlite";
      const alone = isFile ? "reindex a;" : "create index concurrently ix_a on a (n);";
      theirs.write("0002_a_alone", `-- Transaction: none\n${alone}`);
      theirs.write("0003_b_create", "create table b (n integer);");

      const { stdout } = await theirs.run("plan");

      t.match(stdout, /each held to the end of its transaction, outside of any to that of its statement:/);
      t.notMatch(stdout, / $/m, "no line ends with a blank");
    });
  });
}

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(engine.name, async (t) => {
    await t.test("what fails where the server names no place is told with its line", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write(
        "0001_a_create",
        "-- ;\ncreate table a (n integer unique);;\ninsert into a values (1);\n\n-- x\ninsert\n  into a values (1);\nselect 1;",
      );

      t.match((await theirs.run("up")).stderr, /0001_a_create of ours failed: duplicate key .* \(line 6\)\./);
    });

    await t.test("a half built index of another schema is left to whoever builds it", async (t) => {
      const theirs = await theirsFor(t, engine);
      await typed(
        theirs.database,
        "create schema other; create table other.a (n integer); insert into other.a values (1), (1)",
      );
      await typed(theirs.database, "create unique index concurrently ix_a on other.a (n)").catch(
        () => undefined,
      );
      theirs.write("0001_a_create", "create table public.a (n integer);");
      theirs.write("0002_a_index", "-- Transaction: none\ncreate index concurrently ix_a on a (n);");
      theirs.write("0003_a_again", "-- Transaction: none\nreindex index concurrently public.ix_a;");

      const plan = await theirs.documentOf("plan");
      const up = await theirs.run("up");

      t.notMatch(JSON.stringify(plan["steps"]), /drop index/);
      t.match(up, { code: 0, stderr: "" });
      const left = await typed(
        theirs.database,
        "select indexrelid::regclass::text as name, indisvalid from pg_index where indexrelid = 'other.ix_a'::regclass",
      );
      t.same(left, [{ name: "other.ix_a", indisvalid: false }]);
      theirs.write("0004_a_theirs", "-- Transaction: none\ncreate index concurrently ix_a on other.a (n);");
      t.match(
        JSON.stringify((await theirs.documentOf("plan"))["steps"]),
        /drop index concurrently other\.ix_a/,
      );
      t.match(await theirs.run("up"), { code: 0 });
    });

    await t.test("what the server says of a file is told, and is no fault", async (t) => {
      const theirs = await theirsFor(t, engine);
      const long = "n".repeat(70);
      theirs.write(
        "0001_a_create",
        `create table a (n integer); create table ${long} (n integer); drop table if exists b;`,
      );
      theirs.write(
        "0002_a_alone",
        "-- Transaction: none\ncreate index concurrently if not exists a on a (n);",
      );

      const up = await theirs.run("up");
      const quiet = await theirs.run("up", "--quiet");

      t.match(up, { code: 0, stderr: /The server says NOTICE: identifier "n+" will be truncated to "n+"\./ });
      t.match(
        up.stderr,
        /NOTICE: table "b" does not exist, skipping\.[\s\S]*NOTICE: relation "a" already exists/,
      );
      t.match(quiet, { code: 0, stderr: "" });
    });

    await t.test("a database that is for reading alone is told as one", async (t) => {
      const theirs = await theirsFor(t, engine);
      await typed(
        theirs.database,
        "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
      );
      theirs.write("0001_a_create", "create table a (n integer);");

      t.match(await theirs.documentOf("up"), {
        error: { code: "db.read_only", message: /default_transaction_read_only is on there/ },
      });
      t.match(await theirs.run("plan"), { code: 0 });
    });

    await t.test("plan, drift and proof find names where the user does, whoever set the path", async (t) => {
      const theirs = await theirsFor(t, engine);
      const { database } = theirs;
      await typed(database, 'create schema "Our app"; create schema later');
      await typed(
        database,
        `do $$ begin execute format('alter database %I set search_path = "Our app", made, public', current_database()); end $$`,
      );
      theirs.write(
        "0001_a_create",
        "create schema made; create table a (n integer);",
        "drop table a; drop schema made;",
      );
      await theirs.up();
      await typed(database, 'alter table "Our app".a add column by_hand integer');
      theirs.write("0002_a_note", "alter table a add column note text;", "alter table a drop column note;");

      const plan = await theirs.documentOf("plan");
      const proof = await theirs.documentOf("prove");
      const drift = await theirs.documentOf("drift");

      t.match(plan, { locks: [{ table: "Our app.a", lock: "ACCESS EXCLUSIVE" }] });
      t.match(proof, { migrations: [{ outcome: "proved" }, { outcome: "proved" }] });
      const found = (drift["differences"] as { kind: string; relation: string; name: string }[]).map(
        ({ kind, relation, name }) => `${kind} ${relation} ${name}`.trim(),
      );
      t.same(found, ['column "Our app".a by_hand', "schema later", "setting the database search_path"]);
    });
  });
}
