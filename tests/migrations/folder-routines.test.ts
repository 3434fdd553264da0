import t from "tap";
import { engines, typed } from "../helpers/database.ts";
import { theirsFor } from "../helpers/theirs.ts";

const things =
  "create table things (a integer, b text, at timestamptz); create table kinds (kind text primary key, a integer);";
const plain = (name: string, body: string, rest = "returns void"): string =>
  `create function ${name} ${rest} language plpgsql as $$ ${body} $$;`;
const trigger = (body: string): string =>
  `${plain("tg_things()", `begin ${body}; return new; end;`, "returns trigger")}
   create trigger tr_things before insert or update on things for each row execute function tg_things();`;

/** Routines of somebody's own that do their work, and what of them a reader could take for a mistake. */
const honest: readonly string[] = [
  trigger(
    "new.at := coalesce(new.at, now()); if tg_op = 'UPDATE' and old.a > new.a then new.b := tg_name; end if",
  ),
  plain(
    "fill_temporary()",
    "begin create temp table if not exists scratch (n integer); insert into scratch select a from things; end;",
  ),
  plain(
    "by_cursor()",
    "declare c cursor (x integer) for select * from things where a = x; r record; begin for r in c(1) loop raise notice '%', r.a; end loop; end;",
  ),
  plain(
    "with_label(v integer)",
    "<<outer_one>> declare n integer := with_label.v; begin perform 1 from things where a = outer_one.n; end;",
  ),
  plain(
    "two_shapes(x boolean)",
    "declare r record; begin if x then select a, b into r from things; else select kind into r from kinds; end if; if x then raise notice '%', r.b; end if; end;",
  ),
  plain("any_first(x anyarray)", "declare y alias for x; begin return y[1]; end;", "returns anyelement"),
  plain(
    "a_row(x integer)",
    "declare r things%rowtype; v things.a%type; w v%type; begin select * into r from things where a = x; v := r.a; w := v; return r; end;",
    "returns things",
  ),
  plain("by_number(integer)", "begin return $1 + 1; end;", "returns integer"),
  plain("not_yet_on_a_table()", "begin new.whatever := 1; return new; end;", "returns trigger"),
  plain("later(x text)", "begin return x; end;", "returns text"),
  plain("later(x integer)", "begin return later(x::text); end;", "returns text"),
  plain(
    "dynamic(t text)",
    "declare n bigint; begin execute format('select count(*) from %I', t) into n; return n; end;",
    "returns bigint",
  ),
  plain(
    "many()",
    "begin return query select t.a, k.kind from things as t join kinds as k using (a); end;",
    "returns table (x integer, y text)",
  ),
  plain(
    "elsewhere()",
    "begin perform 1 from hidden; end;",
    "returns void set search_path = apart, pg_catalog",
  ),
  "create function plus(x integer) returns bigint language sql as $$ select count(*) + x from things $$;",
  `${plain("tg_kinds()", "begin insert into things (b) select kind from fresh; return null; end;", "returns trigger")}
   create trigger tr_kinds after insert on kinds referencing new table as fresh for each statement execute function tg_kinds();`,
  "create procedure step(inout x integer) language plpgsql as $$ begin x := x + 1; commit; end; $$;",
];

/** What names something that is not there, with the word at which it does. */
const broken: readonly [string, RegExp][] = [
  [trigger("update kinds set missing = 1"), /tg_things does not compile: column "missing"/],
  [trigger("new.missing := 1"), /tg_things does not compile: .*missing/],
  [
    plain("f()", "begin if false then perform 1 from nowhere; end if; end;"),
    /f does not compile: relation "nowhere"/,
  ],
  [plain("f()", "declare n integer := nothing(1); begin end;"), /f does not compile: function nothing/],
  [
    plain("f(x integer)", "begin return (select a from things where b = y); end;", "returns integer"),
    /f .*column "y"/,
  ],
  [
    `${plain("before()", "begin perform a from kinds; end;")} alter table kinds drop column a;`,
    /before does not compile: column "a"/,
  ],
];

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(engine.name, async (t) => {
    await t.test("routines that do their work are let be, and do it", async (t) => {
      const theirs = await theirsFor(t, engine);
      await typed(theirs.database, "create schema apart; create table apart.hidden (a integer)");
      theirs.write("0001_things_create", things);
      theirs.write("0002_routines_create", honest.join("\n"));

      await theirs.up();
      theirs.write("0003_things_note", "alter table things add column note text;");
      await theirs.up();

      const own = `set search_path to public; insert into kinds values ('k', 1); insert into things values (1, 'b');
        select fill_temporary(), by_cursor(), with_label(1), two_shapes(true), two_shapes(false),
          any_first(array[1]), a_row(1), by_number(1), later(1), dynamic('things'), elsewhere(), plus(1); select * from many();`;
      if (theirs.database.dialect === "postgres") await theirs.database.sql.unsafe(own).simple();
    });

    await t.test(
      "one that names what is not there is refused with its place, and nothing is changed",
      async (t) => {
        const theirs = await theirsFor(t, engine);
        theirs.write("0001_things_create", things);
        await theirs.up();
        for (const [text, message] of broken) {
          theirs.write("0002_routines_create", `\n${text}`);
          await t.rejects(theirs.up(), { code: "migrate.does_not_compile", message }, text);
          const [left] = await typed(
            theirs.database,
            "select count(*) as n from pg_proc where pronamespace = 'public'::regnamespace",
          );
          t.equal(Number(left?.["n"]), 0);
        }
        theirs.write("0002_routines_create", "\n-- a trigger\n" + trigger("new.missing := 1"));
        await t.rejects(theirs.up(), { message: /^0002_routines_create.sql, line 3: public.tg_things / });

        theirs.write(
          "0002_routines_create",
          `-- 0002\n--\n-- Unchecked: f: made when it runs\n\n${broken[2]?.[0] ?? ""}`,
        );
        await theirs.up();
        theirs.write("0003_things_note", "alter table things add column note text;");
        await theirs.up();
        theirs.write("0004_kinds_drop", plain("g()", "begin perform kind from kinds; end;"));
        await theirs.up();
        theirs.write("0005_kinds_drop", "drop table kinds;");
        await t.rejects(theirs.up(), {
          code: "migrate.does_not_compile",
          message: /public.g does not compile: .*kinds/,
        });
      },
    );
  });
}
