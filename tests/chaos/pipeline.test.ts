import t from "tap";
import type { Database } from "../../src/db/database.ts";
import { canonicalEvents, canonicalTables } from "../helpers/canonical.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";

// Two connections insert and seal by turns; what fails in one batch must not let a later one in.

const sessions = 1_200;
const marked = sessionId(500);
const name = "cowrie.json.2026-01-05";
const content = Array.from({ length: sessions }, (_, index) => sessionLines(sessionId(index + 1))).join("");

interface Held {
  tables: Record<string, string[]>;
  events: string[];
}

async function held(database: Database): Promise<Held> {
  return { tables: await canonicalTables(database), events: await canonicalEvents(database) };
}

async function undisturbed(engine: Engine): Promise<Held> {
  const store = await freshStore(engine);
  try {
    await loadContents(store.database, [{ name, content }]);
    return await held(store.database);
  } finally {
    await store.dispose();
  }
}

/** What every store must look like between two commits. */
const whole = `
  select
    (select count(*) from ingest_batches where sealed_at is null)::integer as unsealed,
    (select next_offset from sources) = (select max(end_offset) from ingest_batches) as is_at_end,
    (select sum(events_accepted) from ingest_batches) = (select count(*) from raw_events) as is_counted,
    (
      select bool_and(first_offset = coalesce(before, 0) and chain_position = place)
      from (
        select
          first_offset,
          chain_position,
          lag(end_offset) over w as before,
          row_number() over w as place
        from ingest_batches
        window w as (order by batch_id)
      ) as b
    ) as is_in_order`;

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(engine.name, async (t) => {
    const expected = await undisturbed(engine);

    await t.test("a batch that cannot be sealed keeps out the ones behind it", async (t) => {
      const { database, dispose } = await freshStore(engine);
      t.teardown(dispose);
      await typed(database, `alter table session_summaries add check (session_id <> '${marked}')`);

      await t.rejects(loadContents(database, [{ name, content }]), { code: "db.failed" });

      t.match(await typed(database, whole), [
        { unsealed: 0, is_at_end: true, is_counted: true, is_in_order: true },
      ]);
      const [before] = await typed(database, "select count(*)::integer as events from raw_events");
      t.ok(
        Number(before?.["events"]) >= 1_000 && Number(before?.["events"]) < 2_500,
        "it stops before session 500",
      );
      await typed(
        database,
        "alter table session_summaries drop constraint session_summaries_session_id_check",
      );
      await loadContents(database, [{ name, content }]);
      t.same(await held(database), expected, "the next run goes on there");
    });

    await t.test("a batch that the server asks to try again is written once, in its place", async (t) => {
      const { database, dispose } = await freshStore(engine);
      t.teardown(dispose);
      await typed(database, "create sequence tries");
      await typed(
        database,
        `create function fail_twice() returns trigger language plpgsql as $$
         begin
           if new.session_id = '${marked}' and nextval('tries') < 3 then
             raise exception using errcode = '40001', message = 'try again';
           end if;
           return new;
         end $$`,
      );
      await typed(
        database,
        "create trigger fail_twice before insert on session_summaries for each row execute function fail_twice()",
      );

      const result = await loadContents(database, [{ name, content }]);

      t.equal(result.events_accepted, sessions * 5);
      t.match(await typed(database, whole), [
        { unsealed: 0, is_at_end: true, is_counted: true, is_in_order: true },
      ]);
      t.same(await held(database), expected);
    });

    await t.test("the last event of a batch being known refuses nothing else of it", async (t) => {
      const { database, dispose } = await freshStore(engine);
      t.teardown(dispose);
      const last = content.trimEnd().split("\n").at(-1) ?? "";
      await loadContents(database, [{ name: "cowrie.json.2026-01-04", content: `${last}\n` }]);

      const result = await loadContents(database, [{ name, content }]);

      t.match(result, { events_accepted: sessions * 5 - 1, events_duplicate: 1 });
      t.same(await held(database), expected);
      t.match(await typed(database, "select sum(sightings)::integer as seen from duplicate_sightings"), [
        { seen: 1 },
      ]);
    });
  });
}
