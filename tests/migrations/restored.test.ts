import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { readingOnly } from "../../src/db/open-to-read.ts";
import { readModel, type Model } from "../../src/migrate/drift/definitions.ts";
import { differencesOf, type Difference } from "../../src/migrate/drift/differences.ts";
import { driftOf } from "../../src/migrate/drift/drift.ts";
import { isNightly } from "../helpers/cli.ts";
import { engines, freshStore, onServer, throwAwayDatabase, type Engine } from "../helpers/database.ts";
import { binariesOf } from "../helpers/servers.ts";

const onwards = { shadow: "", stop: { requested: false } };

/** What the server has written down of views, checks and triggers, read by it again, as a restore does. */
const readAgain = `
  do $$
  declare
    v_text text;
  begin
    perform set_config('search_path', 'pg_catalog', true);
    for v_text in
      select
        case
          when k.contype is null then format(
            'create or replace view %s as %s', c.oid::regclass, pg_get_viewdef(c.oid)
          )
          else format(
            'alter table %s drop constraint %I, add constraint %2$I %s',
            c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)
          )
        end
      from
        pg_class as c
        left join pg_constraint as k on k.conrelid = c.oid and k.contype = 'c'
      where
        c.relnamespace = 'cowrie'::regnamespace
        and (c.relkind = 'v' or k.contype = 'c')
    loop
      execute v_text;
    end loop;
    for v_text in
      select pg_get_triggerdef(oid)
      from pg_trigger
      where not tgisinternal and tgparentid = 0 and tgconstraint = 0
    loop
      execute replace(v_text, 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER');
    end loop;
  end
  $$`;

// SQLite keeps every text as it was given, so that a dump changes none.
for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(engine.name, async (t) => {
    for (const [how, restored] of waysOf(engine)) {
      await t.test(`${how}: there is no drift, and one token is told`, async (t) => {
        const store = await freshStore(engine);
        t.teardown(store.dispose);
        const pristine = await modelOf(store.db);
        const url = await restored(t, store.db);
        const others = differencesOf(await modelOf(url), pristine);

        const found = await driftAt(url);
        await onServer(url, async (sql) => sql.unsafe(others.map(byOneToken).join(";\n")));
        const told = await driftAt(url);

        t.same(found.differences, []);
        t.same(found.restore, { statements: [], behind: [], refused: [] });
        t.ok(others.length >= 2, "the server spells something anew");
        t.same(told.differences.map(nameOf), others.map(nameOf));
      });
    }
  });
}

type Way = readonly [how: string, restored: (t: Test, url: string) => Promise<string>];

/** How a store is made of its own text; pg_dump is of the server's version or none. */
function waysOf(engine: Engine): Way[] {
  const again: Way = [
    "read again",
    async (_t, url) => {
      await onServer(url, async (sql) => sql.unsafe(readAgain));
      return url;
    },
  ];
  const binaries = binariesOf(Number(engine.name.split(" ")[1]));
  if (binaries === undefined || !existsSync(join(binaries, "pg_dump"))) return [again];
  const dumped: Way = [
    "pg_dump and a restore",
    async (t, url) => {
      const { url: copy, drop } = await throwAwayDatabase(engine.url ?? "");
      t.teardown(drop);
      const dump = spawnSync(join(binaries, "pg_dump"), [url], { encoding: "utf8", maxBuffer: 2 ** 26 });
      const words = ["--quiet", "--set=ON_ERROR_STOP=1", copy];
      const input = dump.stdout;
      const restore = spawnSync(join(binaries, "psql"), words, {
        input,
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      });
      t.same([dump.status, restore.status, restore.stderr], [0, 0, ""]);
      return copy;
    },
  ];
  return isNightly ? [again, dumped] : [dumped];
}

/** The SQL that changes the last number of a view or a check, or what else it hangs on. */
function byOneToken({ kind, relation, name, is }: Difference): string {
  const before = is ?? "";
  const number = before.replace(/(\d+)(\D*)$/, (_all, last: string, rest) => `${Number(last) + 1}${rest}`);
  const text =
    number === before ? before.replace(/ IS DISTINCT FROM (?!.* IS )/s, " IS NOT DISTINCT FROM ") : number;
  if (text === before) throw new Error(`nothing of ${relation} is changed: ${before}`);
  return kind === "view"
    ? `create or replace view cowrie.${relation} ${text}`
    : `alter table cowrie.${relation} drop constraint ${name}, add constraint ${name} ${text}`;
}

function nameOf({ kind, relation, name, facet }: Difference): string {
  return `${kind} ${relation} ${name} ${facet}`;
}

async function driftAt(url: string): ReturnType<typeof driftOf> {
  return driftOf({ dialect: "postgres", url, shown: url }, onwards);
}

async function modelOf(url: string): Promise<Model> {
  const target = { dialect: "postgres" as const, url, shown: url };
  return readingOnly(target, async (reading) => readModel(reading, { ofStore: true, owner: "postgres" }));
}
