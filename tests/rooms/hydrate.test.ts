import { availableParallelism } from "node:os";
import t from "tap";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { allRows, emptyDatabase, filledSource, opened } from "../helpers/hydrations.ts";
import { warm } from "../helpers/warm.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");
/** Connections that build indexes where nothing else is said. */
const usualWorkers = 3;

/** Indexes, constraints and triggers of a store, with whether they hold and fire. */
const objects = `select pg_get_indexdef(i.indexrelid) as text, '' as state from pg_index as i
    join pg_class as c on c.oid = i.indrelid where c.relnamespace = 'cowrie'::regnamespace
  union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid), convalidated::text
    from pg_constraint where connamespace = 'cowrie'::regnamespace
  union all select tgrelid::regclass || ' ' || tgname, tgenabled::text from pg_trigger where not tgisinternal
  union all select relname, reloptions::text from pg_class where relnamespace = 'cowrie'::regnamespace
  order by 1, 2`;

for (const engine of servers) {
  await t.test(
    `every row of every table arrives, and once more copies nothing (${engine.name})`,
    async (t) => {
      const source = await filledSource(t, 21_000);
      const to = await emptyDatabase(t, engine);
      const words = ["hydrate", "--from", `sqlite:${source.db}`, "--to", to, "--json"];
      const fresh = await freshStore(engine);
      t.teardown(fresh.dispose);

      const first = await warm(words);
      const target = await opened(t, to);
      const [here, there] = [await allRows(source.database, target), await allRows(target, source.database)];
      const again = await warm(words);

      t.equal(first.code, 0, first.stderr);
      for (const [table, rows] of Object.entries(here)) {
        t.ok(rows.length > 0, `${table} has rows`);
        t.same(there[table], rows, table);
      }
      t.same(
        await typed(target, objects),
        await typed(fresh.database, objects),
        "all is back that was set aside",
      );
      const [{ n } = {}] = await typed(
        target,
        "select count(*) as n from hydration_objects where kind = 'index' and table_name = 'raw_events'",
      );
      t.ok(Number(n) > 0, "the indexes of a large table were set aside");
      const [{ helped } = {}] = await typed(
        target,
        `select count(*) = 0 as helped from hydrations as h
          cross join lateral jsonb_array_elements(h.settings -> 'changed') as s
          where h.hydration_id = 1 and s ->> 'setting' = 'max_parallel_maintenance_workers' and s ->> 'during' = '0'`,
      );
      t.equal(
        helped,
        usualWorkers < availableParallelism(),
        "an index has one process where each processor has an index",
      );
      t.match(JSON.parse(first.stdout), { state: "copied", quarantined: [], interrupted: false });
      t.match(JSON.parse(again.stdout), { rows_copied: 0, chunks_copied: 0, state: "copied" });
      t.same(await allRows(target, source.database), here);
      const proof = await warm(["verify", "--full", "--db", to]);
      t.equal(
        proof.code,
        (await warm(["verify", "--full", "--db", source.db])).code,
        "proved as the source is",
      );
    },
  );
}
