import t from "tap";
import type { Database } from "../../src/db/database.ts";
import { closeDatabase } from "../../src/db/open.ts";
import { factDifferences, factsOf, sentenceOf, type Facts } from "../../src/migrate/prove/facts.ts";
import { readMigrations } from "../../src/migrate/files/files.ts";
import { downPlan, migrateDown, migrateUp } from "../../src/migrate/migrate.ts";
import { upTo } from "../../src/migrate/work.ts";
import { schemaFacts } from "../../src/sql/generated.ts";
import { many } from "../../src/sql/run.ts";
import { isNightly } from "../helpers/cli.ts";
import { engines, typed } from "../helpers/database.ts";
import { changesFor, emptyPlace, openPlace } from "../helpers/empty.ts";

/** In a short run the last step, which brings the procedures and the roles' rights, and one in so many before. */
const stride = isNightly ? 1 : 24;

for (const [turn, engine] of engines().entries()) {
  void t.test(
    `${engine.name}: a step down leaves what there was below, to the last right of anybody`,
    async (t) => {
      const place = await emptyPlace(engine);
      t.teardown(place.dispose);
      const database = await openPlace(place);
      t.teardown(async () => closeDatabase(database));
      const changes = changesFor(database, place.target);
      const names = readMigrations(engine.dialect).map(({ name }) => name);
      const up = async (last: string): Promise<unknown> =>
        migrateUp(database, changes, undefined, { choose: upTo(last, false, "the store") });
      const down = async (steps: number): Promise<unknown> =>
        migrateDown(changes, await downPlan(database, steps));
      const last = names.length - 1;
      const steps = names.flatMap((_, index) =>
        index > 0 && (index === last || index % stride === turn % stride) ? [index] : [],
      );

      const readers = await rolesIn(database);
      const below = new Map<number, Facts>();
      for (const step of steps) {
        const [lower = "", upper = ""] = names.slice(step - 1);
        await up(lower);
        const before = await factsIn(database);
        below.set(step - 1, before);
        await up(upper);
        await down(1);

        t.same(differences(before, await factsIn(database)), [], `${upper} is taken back`);
        t.same(
          await rightsOfRoles(database),
          readers,
          `at ${lower} a role reads the ledger, and that is all`,
        );
      }
      await up("");
      const rights = await rightsOfRoles(database);
      t.equal(rights.length > 100, engine.dialect === "postgres");
      // What they keep without procedures is written down apart, and must be of what the procedures say.
      t.same(
        readers.filter((right) => !rights.includes(right)),
        [],
        "what a role keeps is its own",
      );
      t.same(
        await membersIn(database),
        [...new Set(readers.map((right) => right.split(" ")[0]))],
        "no role is forgotten",
      );
      // Several steps at once come to the same, from a store that is whole.
      const [lowest = 0] = below.keys();
      await down(last - lowest);
      t.same(differences(below.get(lowest) ?? new Map(), await factsIn(database)), [], "all steps at once");
    },
  );
}

async function factsIn(database: Database): Promise<Facts> {
  return factsOf(database.dialect, await many(database, schemaFacts, {}));
}

function differences(before: Facts, after: Facts): string[] {
  return factDifferences(before, after).map(sentenceOf);
}

/** The roles of a store, which the server may have of another one, each with what it keeps where there are no procedures. */
async function rolesIn(database: Database): Promise<string[]> {
  if (database.dialect === "sqlite") return [];
  const roles = ["cowrie_loader", "cowrie_reconciler", "cowrie_reporter"];
  // Another test may make them meanwhile.
  for (const role of roles)
    await typed(
      database,
      `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then null; end $$`,
    );
  return roles.flatMap((role) => [`${role} SELECT schema_ledger`, `${role} USAGE cowrie`]);
}

/** Whom the procedures let into the store. */
async function membersIn(database: Database): Promise<string[]> {
  if (database.dialect === "sqlite") return [];
  const rows = await typed(
    database,
    "select role_name from role_privileges where object_kind = 'schema' order by role_name",
  );
  return rows.map(({ role_name: role }) => String(role));
}

/** What a role of the store may do in it, the ledger included; SQLite has no roles. */
async function rightsOfRoles(database: Database): Promise<string[]> {
  if (database.dialect === "sqlite") return [];
  const rows = await typed(
    database,
    `select a.grantee::regrole::text || ' ' || a.privilege_type || ' ' || o.name as told
     from
       (
         select c.relname::text as name, c.relacl as acl
         from pg_class as c where c.relnamespace = 'cowrie'::regnamespace
         union all
         select p.proname::text, p.proacl from pg_proc as p where p.pronamespace = 'cowrie'::regnamespace
         union all
         select n.nspname::text, n.nspacl from pg_namespace as n where n.nspname = 'cowrie'
       ) as o
       cross join aclexplode(o.acl) as a
     where a.grantee::regrole::text like 'cowrie\\_%'
     order by 1`,
  );
  return rows.map(({ told }) => String(told));
}
