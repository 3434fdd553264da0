import t from "tap";
import { planFolderUp } from "../../src/migrate/folder/plan.ts";
import { engines, typed } from "../helpers/database.ts";
import { theirsFor } from "../helpers/theirs.ts";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "the id of a plan is another once anything of the schema is, and no other by its rows",
      async (t) => {
        const theirs = await theirsFor(t, engine);
        theirs.write("0001_a_create", "create table a (n integer);");
        await theirs.up();
        theirs.write("0002_b_create", "create table b (n integer);");
        const idOf = async (): Promise<string> =>
          (await planFolderUp(theirs.database, theirs.folder(), "")).plan_id;
        const same: string[] = [];
        let id = await idOf();
        for (const change of changesOfSchema[engine.dialect]) {
          await typed(theirs.database, change);
          const next = await idOf();
          if (next === id) same.push(change);
          id = next;
        }

        await typed(
          theirs.database,
          engine.dialect === "sqlite" ? "insert into a (n) values (1)" : "insert into public.a values (1)",
        );
        await typed(theirs.database, "analyze");

        t.same(same, []);
        t.equal(await idOf(), id);
      },
    );
  });
}

/** Each is another kind of change. */
const changesOfSchema = {
  sqlite: ["create index ix on a (n)", "create view v as select 1 as x", "alter table a add column m text"],
  postgres: [
    "create policy p on public.a using (true)",
    "create domain public.d as integer",
    "alter domain public.d set default 3",
    "alter domain public.d add constraint c check (value > 0)",
    "create type public.r as range (subtype = integer)",
    "create function public.f(x integer default 1) returns integer language sql as 'select 1'",
    "create or replace function public.f(x integer default 2) returns integer language sql as 'select 1'",
    "alter function public.f cost 5",
    "create aggregate public.g (integer) (sfunc = int4pl, stype = integer)",
    "create statistics public.s on (n + 1) from public.a",
    "create publication cowriedb_test for table public.a",
    "alter default privileges grant select on tables to public",
    "grant create on schema public to public",
    "create table public.p (n integer) partition by range (n)",
    "create table public.p1 partition of public.p for values from (0) to (9)",
    "alter table public.p detach partition public.p1",
    "create function public.e() returns event_trigger language plpgsql as 'begin end'",
    "create event trigger cowriedb_test on sql_drop execute function public.e()",
    "alter table public.a alter column n set statistics 7",
  ],
};
