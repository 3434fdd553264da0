import DatabaseHandle from "better-sqlite3";
import t from "tap";
import { readMigrations, readProcedures, type Dialect } from "../../src/migrate/files/files.ts";
import { lockModes, lockRules, ruledLocks } from "../../src/migrate/files/lock-rules.ts";
import { statementsOf } from "../../src/migrate/files/statements.ts";
import { engines, onServer } from "../helpers/database.ts";
import { emptyPlace } from "../helpers/empty.ts";

/** What the examples of the rules speak of. */
const tables = {
  sqlite: `
    create table others (id integer primary key, note text);
    create table things (a integer, b integer);
    create table lonely (a integer);
    create index ix_things_a on things (a);
    create view seen as select a from things;
    create trigger tr_things after insert on things begin update others set note = 'x'; end;
    insert into things values (1, 1);`,
  postgres: `
    create table others (id integer primary key, note text);
    create table things (a integer, b integer);
    create table lonely (a integer);
    create table wholes (a integer) partition by range (a);
    create index ix_things_a on things (a);
    create unique index uq_things_b on things (b);
    create view seen as select a, b from things;
    create materialized view counts as select a, count(*) as n from things group by a;
    create unique index uq_counts_a on counts (a);
    create function lonely_function () returns integer language sql as 'select 1';
    create function tg_things () returns trigger language plpgsql as 'begin return new; end';
    create trigger tr_things before insert on things for each row execute function tg_things();
    insert into others values (1, null);
    insert into things values (1, 1), (2, null);
    alter table things add constraint ck_things_late check (a > 0) not valid;`,
} satisfies Record<Dialect, string>;

/** The strongest lock that this session holds on each table, its own or on one of its indexes that others know. */
const heldLocks = `
  select l.relation::text as oid, replace(l.mode, 'Lock', '') as mode
  from pg_locks as l
  where l.pid = pg_backend_pid() and l.granted and l.relation = any ($1::oid[])`;

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`${engine.name}: each rule's example takes the lock that the rule says`, async (t) => {
    const place = await emptyPlace(engine);
    t.teardown(place.dispose);

    await onServer(place.db, async (sql) => {
      await sql.unsafe(tables.postgres);
      const known = [
        ...(await sql<
          { oid: string; name: string }[]
        >`select c.oid::text, coalesce(t.relname, c.relname) as name
        from pg_class as c left join pg_index as i on i.indexrelid = c.oid left join pg_class as t on t.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace`),
      ];
      for (const { rule } of lockRules("postgres").filter(({ rule: { example } }) => example !== "")) {
        const [statement] = statementsOf(rule.example, "postgres");
        const ruled = statement === undefined ? undefined : ruledLocks(statement, "postgres");
        const said = new Map<string, string>();
        for (const { table, lock } of ruled ?? [])
          said.set(tableOf(table), strongest(said.get(tableOf(table)), lock));
        const held = new Map<string, string>();
        await sql
          .begin(async (connection) => {
            await connection.unsafe(rule.example);
            const rows = await connection.unsafe(heldLocks, [known.map(({ oid }) => Number(oid))]);
            for (const row of rows) {
              const name = known.find(({ oid }) => oid === row["oid"])?.name ?? "?";
              const mode = spaced(String(row["mode"]));
              held.set(name, strongest(held.get(name), mode));
            }
            throw new Error("taken back");
          })
          .catch((error: unknown) => {
            t.match(error, { message: "taken back" }, rule.example);
          });
        // What is only read is no matter of a plan.
        for (const [name, mode] of held)
          if (mode === "ACCESS SHARE" || mode === "ROW SHARE") held.delete(name);
        const live = [...said].filter(([name]) => known.some((one) => one.name === name));
        t.same(Object.fromEntries(held), Object.fromEntries(live), rule.example);
      }
    });
  });
}

void t.test("SQLite: each rule's example is known by its rule, and runs", (t) => {
  for (const { rule, pattern } of lockRules("sqlite").filter(({ rule: { example } }) => example !== "")) {
    const handle = new DatabaseHandle(":memory:");
    handle.exec(tables.sqlite);
    const [statement] = statementsOf(rule.example, "sqlite");
    const first = lockRules("sqlite").find(({ pattern: one }) => one.test(`${statement?.words ?? ""} `));

    t.equal(first?.pattern, pattern, rule.example);
    t.doesNotThrow(() => handle.exec(rule.example), rule.example);
    handle.close();
  }
  t.end();
});

void t.test("every statement of our migrations but DO is known by a rule", (t) => {
  for (const dialect of ["sqlite", "postgres"] as const) {
    for (const { name, upText, downText } of readMigrations(dialect)) {
      for (const statement of [upText, downText].flatMap((text) => statementsOf(text, dialect))) {
        if (statement.words.startsWith("do ")) continue;
        t.ok(ruledLocks(statement, dialect), `${dialect} ${name}: ${statement.words.slice(0, 60)}`);
      }
    }
  }
  t.end();
});

void t.test("the statements of a file are the file, and semicolons within them end none", (t) => {
  for (const dialect of ["sqlite", "postgres"] as const) {
    const texts = [
      ...readMigrations(dialect).flatMap(({ upText, downText }) => [upText, downText]),
      ...readProcedures(dialect).map(({ text }) => text),
    ];
    for (const text of texts)
      t.equal(
        statementsOf(text, dialect)
          .map((one) => one.text)
          .join(""),
        text,
      );
  }
  const counts: [Dialect, string, number][] = [
    [
      "postgres",
      "select 'a;b', \"c;d\" /* e; /* f; */ ; */ -- g;\n; select e'h\\';i'; select $x$ j; $$ k; $x$;",
      3,
    ],
    [
      "postgres",
      "create function f () returns int begin atomic select case when true then 1 end; select 2; end; select 1",
      2,
    ],
    ["postgres", "create rule r as on insert to t do also (select 1; select 2); select $1, a$b;", 2],
    ["sqlite", "select [a;b], `c;d`, 'it''s;' /* e; /* ; */; select 2 -- ;", 2],
    [
      "sqlite",
      "create trigger t after insert on u begin select case when 1 then 2 end; select 3; end; select 4;",
      2,
    ],
  ];
  for (const [dialect, text, count] of counts) {
    const found = statementsOf(text, dialect);
    t.equal(found.length, count, text);
    t.equal(found.map((one) => one.text).join(""), text);
  }
  t.end();
});

function tableOf(name: string): string {
  const indexes: Record<string, string> = {
    ix_things_a: "things",
    uq_things_b: "things",
    uq_counts_a: "counts",
  };
  return indexes[name] ?? name;
}

function spaced(mode: string): string {
  return mode.replace(/(?!^)([A-Z])/g, " $1").toUpperCase();
}

function strongest(known: string | undefined, lock: string): string {
  const strength = (mode: string): number => lockModes.indexOf(mode as (typeof lockModes)[number]);
  return known !== undefined && strength(known) > strength(lock) ? known : lock;
}
