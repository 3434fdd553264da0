import t from "tap";
import type { Test } from "tap";
import { verifySchema } from "../../src/migrate/verify.ts";
import { liftGuards } from "../helpers/broken-store.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { honestFiles } from "../helpers/honest-logs.ts";
import { logLine, sessionLines } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";
import { openPlain } from "../helpers/plain.ts";
import { planOf } from "../helpers/plans.ts";
import { asked, qualityViews, settingOf } from "../helpers/quality.ts";
import { liveOn } from "../helpers/store-life.ts";

const identity = /uq_raw_events_identity|sqlite_autoindex_raw_events_1/;

/** What a view must be answered by, whatever the size of the store; raw_events may never be read whole. */
const plans: readonly (readonly [text: string, index: RegExp])[] = [
  ["select * from check_events_without_summary", identity],
  ["select * from check_events_without_summary where session_id = 'a1'", identity],
  ["select * from check_summaries_without_events", identity],
  ["select * from check_summaries_without_events where session_id = 'a1'", identity],
  ["select * from sensor_gaps", identity],
  ["select * from session_clock_jumps", identity],
  ["select * from batch_time_holes", /pk_raw_events|INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/],
  ["select * from top_rejects", /ix_dead_letter_events_(listing|reason)/],
];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("an honest store breaks the law in neither direction", async (t) => {
      const store = await storeOf(t, engine);

      t.same(await asked(store, "select session_id from check_events_without_summary"), []);
      t.same(await asked(store, "select session_id from check_summaries_without_events"), []);
    });

    await t.test("no load, replay, purge or undo breaks it", async (t) => {
      for (let seed = 0; seed < Math.max(2, scaled(20)); seed++) {
        const store = await freshStore(engine);
        const random = randomFrom(seed);
        for (const files of honestFiles(random))
          await loadContents(store.database, files, { batchEvents: 1 + random(80), multiLine: true });
        const loaded = await violations(store);
        const life = await liveOn(store.database, random);
        const found = await violations(store);
        await store.dispose();

        t.same([loaded, found], [[], []], `store ${seed}`);
        t.ok(life.undone > 0, "a batch was undone");
      }
    });

    await t.test("a summary that is gone is seen from its events, and nothing else is", async (t) => {
      const store = await storeOf(t, engine);
      await typed(store.database, "delete from session_summaries where session_id = 'aa0000000002'");

      t.same(await asked(store, "select * from check_events_without_summary"), [
        {
          session_id: "aa0000000002",
          event_count: 5,
          first_event_at: "2026-01-05T10:00:01.000000Z",
          last_event_at: "2026-01-05T10:00:09.000000Z",
          first_event_id: 1_048_576 + 5,
        },
      ]);
      t.same(await asked(store, "select * from check_summaries_without_events"), []);
      t.same(await alerts(store), ["check_events_without_summary"]);
    });

    await t.test("events that are gone are seen from their summary, and nothing else is", async (t) => {
      const store = await storeOf(t, engine);
      const plain = openPlain(store, { foreignKeys: false });
      t.teardown(async () => plain.close());
      await liftGuards(plain);
      await plain.run("delete from ~raw_events where session_id = 'aa0000000002'");

      t.same(await asked(store, "select * from check_summaries_without_events"), [
        {
          session_id: "aa0000000002",
          event_count: 5,
          first_event_at: "2026-01-05T10:00:01.000000Z",
          last_event_at: "2026-01-05T10:00:09.000000Z",
        },
      ]);
      t.same(await asked(store, "select * from check_events_without_summary"), []);
      t.same(await alerts(store), ["check_summaries_without_events"]);
    });

    await t.test("an event that was moved to another session breaks both", async (t) => {
      const store = await storeOf(t, engine);
      const plain = openPlain(store, { foreignKeys: false });
      t.teardown(async () => plain.close());
      await liftGuards(plain);
      await plain.run("update ~raw_events set session_id = 'ff' where session_id = 'aa0000000001'");

      t.same(await asked(store, "select session_id, event_count from check_events_without_summary"), [
        { session_id: "ff", event_count: 5 },
      ]);
      t.same(await asked(store, "select session_id from check_summaries_without_events"), [
        { session_id: "aa0000000001" },
      ]);
    });

    await t.test("coverage alerts below the setting, of the sessions that can have a snapshot", async (t) => {
      const store = await storeOf(t, engine, 12);
      const total =
        "select sessions, expected, filled, unknown_address, not_public, no_status, percent, is_alert from snapshot_coverage where day is null";
      const fill = async (status: string, ids: string): Promise<void> =>
        void (await typed(
          store.database,
          `update session_summaries set snapshot_status = '${status}' where session_id in (${ids})`,
        ));

      const never = await asked(store, total);
      await fill("not_public", "'aa0000000001', 'aa0000000002'");
      await fill("unknown_address", "'aa0000000003'");
      await fill("filled", Array.from({ length: 8 }, (_none, index) => `'${id(index + 4)}'`).join());
      const low = await asked(store, total);
      await settingOf(store, "snapshot_coverage_percent", 80);
      const allowed = await asked(store, total);
      const days = await asked(
        store,
        "select day, sessions, percent from snapshot_coverage where day is not null",
      );
      await settingOf(store, "snapshot_coverage_percent", 90);
      await fill("filled", "'aa0000000003'");
      const enough = await asked(store, total);

      const counts = { sessions: 12, unknown_address: 0, not_public: 2 };
      t.same(never, [
        { ...counts, not_public: 0, expected: 12, filled: 0, no_status: 12, percent: 0, is_alert: 0 },
      ]);
      const tooFew = { ...counts, unknown_address: 1, expected: 10, filled: 8, no_status: 1, percent: 80 };
      t.same(low, [{ ...tooFew, is_alert: 1 }]);
      t.same(allowed, [{ ...tooFew, is_alert: 0 }]);
      t.same(days, [{ day: "2026-01-05", sessions: 12, percent: 80 }]);
      t.same(enough, [{ ...counts, expected: 10, filled: 9, no_status: 1, percent: 90, is_alert: 0 }]);
    });

    await t.test("a session without an address is not expected to have a snapshot", async (t) => {
      const store = await freshStore(engine);
      t.teardown(async () => store.dispose());
      const bare = { eventid: "cowrie.session.closed", session: "ff01", timestamp: "2026-01-06T00:00:00Z" };
      await loadContents(store.database, [{ name: "cowrie.json", content: logLine(bare) }]);

      t.same(
        await asked(
          store,
          "select day, no_address, no_status, expected, percent, is_alert from snapshot_coverage order by day",
        ),
        [
          ...["2026-01-06", null].map((day) => ({
            day,
            no_address: 1,
            no_status: 0,
            expected: 0,
            percent: null,
            is_alert: 0,
          })),
        ].sort((one) => ((engine.dialect === "sqlite") === (one.day === null) ? -1 : 1)),
      );
    });

    await t.test("data_quality counts the rows of each view, and an empty store alerts nobody", async (t) => {
      const empty = await freshStore(engine);
      t.teardown(async () => empty.dispose());

      const lines = await asked(empty, "select * from data_quality");

      t.equal(lines.length, 8);
      t.same(
        lines.map(({ findings, is_alert }) => [findings, is_alert]),
        lines.map(() => [0, 0]),
      );
      t.same(
        lines.filter(({ measure }) => qualityViews[String(measure)] === undefined),
        [],
        "a measure has the name of its view",
      );
    });

    await t.test("events are found by an index, never by reading them all", async (t) => {
      const store = await freshStore(engine);
      t.teardown(async () => store.dispose());
      for (const [text, index] of plans) {
        const plan = await planOf(store.database, text);

        t.match(plan, index, text);
        t.notMatch(plan, /^ *SCAN [ekfl]$|Seq Scan on (raw|dead_letter)_events/m, text);
      }
    });

    await t.test("a setting that is gone is what migrate verify names", async (t) => {
      const store = await freshStore(engine);
      t.teardown(async () => store.dispose());
      t.same(await verifySchema(store.database), []);

      await typed(store.database, "delete from settings where setting = 'sensor_gap_minutes'");

      t.same(await verifySchema(store.database), [{ name: "0008_settings_create", rows: 1 }]);
    });
  });
}

/** A store of sessions of five events each. */
async function storeOf(test: Test, engine: Engine, sessions = 3): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  const content = Array.from({ length: sessions }, (_none, index) => sessionLines(id(index + 1))).join("");
  await loadContents(store.database, [{ name: "cowrie.json", content }]);
  return store;
}

function id(number: number): string {
  return `aa${String(number).padStart(10, "0")}`;
}

/** Rows of both directions. */
async function violations(store: TestStore): Promise<unknown[]> {
  return [
    ...(await asked(store, "select session_id, 'no summary' as what from check_events_without_summary")),
    ...(await asked(store, "select session_id, 'no events' as what from check_summaries_without_events")),
  ];
}

/** Numbers below a bound, the same for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** The measures that alert. */
async function alerts(store: TestStore): Promise<unknown[]> {
  return (await asked(store, "select measure from data_quality where is_alert")).map(
    ({ measure }) => measure,
  );
}
