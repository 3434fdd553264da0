import t, { type Test } from "tap";
import { migrationText, restoreText } from "../../src/migrate/drift/text.ts";
import { driftOf, type Drift } from "../../src/migrate/drift/drift.ts";
import { engines, onServer, typed, type Engine } from "../helpers/database.ts";
import { theirsFor, type Theirs } from "../helpers/theirs.ts";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("what has another name keeps what is in it, whichever way the SQL goes", async (t) => {
      const theirs = await theirsFor(t, engine);
      const { own, gone } = textsOf(engine);
      theirs.write("0001_all_create", own.join(";\n"));
      await theirs.up();
      const kept = "select a.name, b.note from a join b on b.a_id = a.id order by a.id";
      await doAll(theirs, [
        "insert into a (name) values ('x'), ('y')",
        "insert into b values (1, 1, 'n')",
        ...gone,
      ]);

      const found = await driftAt(theirs);
      await doAll(theirs, [restoreText(found.restore, engine.dialect, found.differences)]);
      const back = await driftAt(theirs);
      const rows = await typed(theirs.database, onPath(engine, kept));
      const official = await officialAt(t, engine, found);

      t.same(told(found), [
        ...(engine.dialect === "sqlite"
          ? []
          : [
              "Table public.parts_1 is no partition, and should be a partition of public.parts FOR VALUES FROM (0) TO (10).",
            ]),
        `Column note of ${shown(engine, "b")} is missing, and remark is in its place: it seems to have been renamed, and what is in it is kept.`,
        `Table ${shown(engine, "a")} is missing, and ${shown(engine, "aa")} is in its place: it seems to have been renamed, and what is in it is kept.`,
      ]);
      t.notMatch(
        restoreText(found.restore, engine.dialect, found.differences),
        /drop (table "?(public\.)?aa?"?;|column)/,
      );
      t.same(back.differences, []);
      t.match(rows, [{ name: "x", note: "n" }]);
      t.same(told(official), told(found));
    });

    await t.test("what goes with its rows is said in the SQL that puts it back", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_a_create", "create table a (n integer);");
      await theirs.up();
      await doAll(theirs, ["alter table a add column note text", "create table more (n integer)"]);

      const found = await driftAt(theirs);
      const text = restoreText(found.restore, engine.dialect, found.differences);

      t.match(text, `-- All values go with it: column note of ${shown(engine, "a")}.`);
      t.match(text, `-- All rows go with it: table ${shown(engine, "more")}.`);
    });

    if (engine.dialect === "sqlite") return;
    await t.test("what stands beside tables and routines is told, and put back", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write("0001_all_create", beside.own.join(";\n"));
      await theirs.up();
      const clean = await driftAt(theirs);
      const space = `cowriedb_test_${process.pid}_${engine.name.replaceAll(/\D/g, "")}`;
      await onServer(theirs.place.db, async (sql) => {
        await sql.unsafe("set allow_in_place_tablespaces = on");
        await sql.unsafe(`create tablespace ${space} location ''`);
      });
      const elsewhere = ["table kept", "index ux", "materialized view mv"];
      await doAll(theirs, [
        ...beside.gone,
        ...elsewhere.map((what) => `alter ${what} set tablespace ${space}`),
      ]);

      const found = await driftAt(theirs);
      await doAll(theirs, [restoreText(found.restore, engine.dialect, found.differences)]);
      const back = await driftAt(theirs);
      // It can be dropped where nothing is in it any more.
      await typed(theirs.database, `drop tablespace ${space}`);

      const untold = beside.said.filter(
        (words) => !told(found).some((sentence) => sentence.startsWith(words)),
      );
      t.same(told(clean), []);
      t.same(untold, [], told(found).join("\n"));
      t.equal(found.differences.length, beside.said.length);
      // Whoever runs a server makes publications; a range is not written down, and a value not dropped.
      t.same(
        told(back),
        told(found).filter((sentence) => /^(Type public.apart:|Value m) /.test(sentence)),
      );
      t.match(
        migrationText(found.migration.up, engine.dialect),
        "alter type public.sizes add value if not exists 'm' after 's';",
      );
    });

    await t.test("what is in another schema, or in one with another name, keeps its rows", async (t) => {
      const theirs = await theirsFor(t, engine);
      theirs.write(
        "0001_all_create",
        "create schema app; create type app.mood as enum ('x'); create table app.t (n integer primary key, m app.mood); create view app.v as select n from app.t",
      );
      await theirs.up();
      await doAll(theirs, ["insert into app.t values (1, 'x')"]);
      const cases: [gone: string, is: string, said: string][] = [
        [
          "create schema archive; alter table app.t set schema archive",
          "archive.t",
          "archive.t is in its place: it seems to have been moved",
        ],
        ["alter schema app rename to core", "core.t", "core is in its place: it seems to have been renamed"],
      ];

      for (const [gone, is, said] of cases) {
        await doAll(theirs, [gone]);
        const found = await driftAt(theirs);
        await doAll(theirs, [restoreText(found.restore, engine.dialect, found.differences)]);
        const back = await driftAt(theirs);

        t.match(told(found), [new RegExp(said)], gone);
        t.match(migrationText(found.migration.up, engine.dialect), gone.split("; ").at(-1), gone);
        t.notMatch(restoreText(found.restore, engine.dialect), `drop table ${is}`);
        t.same(told(back), []);
        t.match(await typed(theirs.database, "select n from app.t"), [{ n: 1 }]);
      }
    });
  });
}

/** Names that start with `cowriedb_test` are of the whole database. */
const beside = {
  own: [
    "create table a (id integer primary key, n integer not null, t text)",
    "create unique index ux on a (n)",
    "create view v as select id, n from a",
    "create materialized view mv as select id from a",
    "create type apart as range (subtype = integer)",
    "create type mood as enum ('x')",
    "create aggregate total (integer) (sfunc = int4pl, stype = integer, initcond = '0')",
    "create publication cowriedb_test for table a",
    "create publication cowriedb_test_part with (publish = 'insert')",
    "create function f() returns event_trigger language plpgsql as 'begin end'",
    "create event trigger cowriedb_test on sql_drop execute function f()",
    "create table kept (n integer check (n > 0))",
    "create table heir () inherits (kept)",
    "create domain size as integer",
    "create foreign data wrapper cowriedb_test",
    "create server cowriedb_test foreign data wrapper cowriedb_test",
    "create foreign table far (n integer) server cowriedb_test options (a 'b')",
    "create policy po on a using (true)",
    "create type sizes as enum ('s', 'l'); create type tone as enum ('low', 'high'); create view loud as select 'high'::tone",
  ],
  gone: [
    "create publication cowriedb_test_all for all tables",
    "alter publication cowriedb_test drop table a",
    "alter publication cowriedb_test_part add table a (id, n) where (n > 3)",
    "alter publication cowriedb_test_part set (publish = 'insert, update')",
    "create operator === (leftarg = integer, rightarg = integer, function = int4eq)",
    "create cast (text as mood) with inout as implicit",
    "create collation c (locale = 'C')",
    "create text search configuration words (copy = simple)",
    "alter default privileges grant select on tables to public",
    "alter default privileges revoke execute on functions from public",
    "create event trigger cowriedb_test_more on ddl_command_end when tag in ('CREATE TABLE') execute function f()",
    "alter event trigger cowriedb_test disable",
    "alter view v alter column n set default 3",
    "comment on column v.n is 'x'",
    "refresh materialized view mv with no data",
    "alter table a replica identity using index ux",
    "grant create on schema public to public",
    "create or replace aggregate total (integer) (sfunc = int4mul, stype = integer, initcond = '1')",
    "drop type apart; create type apart as range (subtype = bigint)",
    "alter table a alter column t set compression pglz",
    "alter table heir no inherit kept",
    "create access method cowriedb_test type table handler heap_tableam_handler; alter table kept set access method cowriedb_test",
    "alter domain size owner to pg_monitor",
    "grant usage on type mood to pg_monitor; revoke usage on type mood from public",
    "create type wide as range (subtype = numeric)",
    "alter foreign table far options (set a 'c')",
    "alter foreign table far add column m integer",
    "comment on policy po on a is 'x'",
    "alter type sizes add value 'm' after 's'; alter type tone rename value 'high' to 'loud'",
  ],
  said: [
    "Publication cowriedb_test of public.a is missing",
    "Publication cowriedb_test_part of public.a is there, and no migration has made it: (id, n) where ((n > 3))",
    "Publication cowriedb_test_part: its operations is «insert, update»",
    "Operator public.===(integer,integer) is there",
    "Cast (pg_catalog.text AS public.mood) is there",
    "Collation public.c is there",
    "Text search configuration public.words is there",
    "Default privilege select on tables made by postgres for public on every schema is there",
    "Default privilege execute on functions made by postgres for public on every schema is there",
    "Event trigger cowriedb_test_more is there",
    "Event trigger cowriedb_test is disabled",
    "View public.v: its defaults of columns",
    "View public.v: its comments of columns",
    "Materialized view public.mv: its content is «not filled",
    "Table public.a: its replica identity is «the index ux»",
    "Privilege create for public on public is there",
    "Aggregate public.total(integer): its body is",
    "Type public.apart: it is",
    "Column t of public.a: its compression is «pglz», and should be «default»",
    "Parent public.kept of public.heir is missing",
    "Access method cowriedb_test is there",
    "Table public.kept: its access method is «cowriedb_test», and should be «heap»",
    "Domain public.size: its owner is «pg_monitor»",
    "Privilege usage for pg_monitor on public.mood is there",
    "Privilege usage for public on public.mood is missing",
    "Type public.wide is there",
    "Table public.far: it is «foreign table server cowriedb_test options (a 'c')»",
    "Column m of public.far is there",
    "Policy po of public.a: its comment is «x»",
    "Value m of public.sizes is there, and no migration has made it",
    "Value high of public.tone is missing, and loud is in its place: it seems to have been renamed",
    "Table public.kept: its tablespace is «cowriedb_test",
    "Index ux of public.a: its tablespace is «cowriedb_test",
    "Materialized view public.mv: its tablespace is «cowriedb_test",
  ],
};

function textsOf({ dialect }: Engine): { own: string[]; gone: string[] } {
  const id =
    dialect === "sqlite" ? "integer primary key" : "integer generated by default as identity primary key";
  const own = [
    `create table a (id ${id}, name text not null)`,
    "create table b (id integer primary key, a_id integer references a (id), note text check (note <> ''))",
    "create index ix_b on b (a_id, note)",
    "create view v as select a.name, b.note from a join b on b.a_id = a.id",
  ];
  const gone = ["alter table b rename column note to remark", "alter table a rename to aa"];
  if (dialect === "sqlite") {
    const trigger =
      "create trigger tr after insert on b when new.note = 'z' begin update a set name = new.note where id = new.a_id; end";
    return { own: [...own, trigger], gone };
  }
  return {
    own: [
      ...own,
      "create table parts (k integer, v text) partition by range (k)",
      "create table parts_1 partition of parts for values from (0) to (10)",
    ],
    gone: [...gone, "alter table parts detach partition parts_1"],
  };
}

/** What is told of a second database to which the drift was brought as a migration. */
async function officialAt(t: Test, engine: Engine, found: Drift): Promise<Drift> {
  const other = await theirsFor(t, engine);
  other.write("0001_all_create", textsOf(engine).own.join(";\n"));
  await other.up();
  const alone = engine.dialect === "sqlite" ? "pragma foreign_keys = off;" : "";
  await doAll(other, [alone + migrationText(found.migration.up, engine.dialect)]);
  return driftAt(other);
}

const asked = { shadow: "", stop: { requested: false } };

function told({ differences }: Drift): string[] {
  return differences.map(({ sentence }) => sentence);
}

async function driftAt(theirs: Theirs): Promise<Drift> {
  return driftOf(theirs.place.target, { ...asked, folder: theirs.folder() });
}

async function doAll({ database }: Theirs, statements: readonly string[]): Promise<void> {
  for (const text of statements) {
    if (database.dialect === "sqlite") database.handle.exec(text);
    else
      await database.sql.begin(async (sql) =>
        sql.unsafe(`set local search_path = public; ${text.replaceAll(/^(begin|commit);$/gm, "")}`),
      );
  }
}

function onPath({ dialect }: Engine, text: string): string {
  return dialect === "sqlite" ? text : text.replaceAll(/(from|join) (\w)/g, "$1 public.$2");
}

function shown({ dialect }: Engine, name: string): string {
  return dialect === "sqlite" ? name : `public.${name}`;
}
