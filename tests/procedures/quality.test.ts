import t from "tap";
import type { Test } from "tap";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { engines, freshStore, type Engine, type TestStore } from "../helpers/database.ts";
import { logLine, sessionLines } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";
import { asked, settingOf } from "../helpers/quality.ts";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a session without an end runs until its own sensor has gone on without it", async (t) => {
      const store = await storeOf(t, engine, [
        event("aa01", "10:00:00", "session.connect"),
        event("aa02", "10:40:00", "session.connect"),
        event("aa02", "10:40:09", "session.closed"),
        event("aa03", "10:40:09", "login.failed"),
        event("bb01", "23:59:59", "session.closed", { sensor: "orchard" }),
      ]);
      const view =
        "select session_id, has_connect, quiet_seconds, is_running from sessions_without_close order by session_id";

      const hour = await asked(store, view);
      await settingOf(store, "session_open_minutes", 40);
      const less = await asked(store, view);

      t.same(hour, [
        { session_id: "aa01", has_connect: 1, quiet_seconds: 2409, is_running: 1 },
        { session_id: "aa03", has_connect: 0, quiet_seconds: 0, is_running: 1 },
      ]);
      t.same(
        less.map(({ is_running }) => is_running),
        [0, 1],
      );
    });

    await t.test("a session on two sensors or from two addresses is listed with both", async (t) => {
      const store = await storeOf(t, engine, [
        event("aa01", "10:00:00", "session.connect"),
        event("aa01", "10:00:01", "session.closed", { sensor: "orchard" }),
        event("aa02", "10:00:00", "session.connect"),
        event("aa02", "10:00:01", "session.closed", { src_ip: "198.51.100.9" }),
        event("aa03", "10:00:00", "session.connect"),
        event("aa03", "10:00:01", "session.closed"),
      ]);

      const rows = await asked(
        store,
        `select session_id, has_two_sensors, has_two_addresses, sensor_least, sensor_greatest, source_ip_least, source_ip_greatest
         from sessions_on_two_sensors order by session_id`,
      );

      t.same(rows, [
        {
          session_id: "aa01",
          has_two_sensors: 1,
          has_two_addresses: 0,
          sensor_least: "harbour",
          sensor_greatest: "orchard",
          source_ip_least: "192.0.2.7",
          source_ip_greatest: "192.0.2.7",
        },
        {
          session_id: "aa02",
          has_two_sensors: 0,
          has_two_addresses: 1,
          sensor_least: "harbour",
          sensor_greatest: "harbour",
          source_ip_least: "192.0.2.7",
          source_ip_greatest: "198.51.100.9",
        },
      ]);
    });

    await t.test("a gap is what no session and no single event of the sensor reaches into", async (t) => {
      const store = await storeOf(t, engine, [
        event("aa01", "01:00:00", "session.connect"),
        event("aa01", "03:00:00.5", "session.closed"),
        event("", "03:50:00", "session.connect"),
        event("aa02", "04:40:00", "session.connect", { sensor: null }),
        event("aa02", "04:45:00", "session.closed"),
        event("aa03", "05:45:00", "session.connect"),
        event("bb01", "04:00:00", "session.connect", { sensor: "orchard" }),
      ]);

      const rows = await asked(
        store,
        "select sensor, gap_start, gap_end, seconds, is_open, is_retired from sensor_gaps order by sensor, gap_start",
      );

      t.same(rows, [
        gap("harbour", "01:00:00", "03:00:00.5", 7200),
        { ...gap("orchard", "04:00:00", "", 6300), gap_end: null, is_open: 1 },
      ]);
      await settingOf(store, "sensor_gap_minutes", 59);
      const shorter = await asked(
        store,
        "select gap_start from sensor_gaps where sensor = 'harbour' order by 1",
      );
      t.same(
        shorter.map(({ gap_start }) => gap_start),
        [instant("01:00:00"), instant("04:45:00")],
        "an hour exactly is a gap of more than 59 minutes and of no more than 60",
      );
    });

    await t.test("a session on two sensors fills the gaps of both by its events alone", async (t) => {
      const store = await storeOf(t, engine, [
        event("aa01", "01:00:00", "session.connect"),
        event("aa01", "01:30:00", "login.failed", { sensor: "orchard" }),
        event("aa01", "03:00:00", "session.closed"),
        event("bb01", "02:00:00", "session.connect", { sensor: "orchard" }),
        event("bb01", "03:00:00", "session.closed", { sensor: "orchard" }),
      ]);

      const rows = await asked(store, "select sensor, seconds from sensor_gaps");

      t.same(rows, [{ sensor: "harbour", seconds: 7200 }]);
    });

    await t.test("a sensor that is silent for sensor_retired_days alerts nobody any more", async (t) => {
      const store = await storeOf(t, engine, [
        sessionLines("aa0000000001", "2026-01-01", "orchard"),
        sessionLines("aa0000000002", "2026-01-03", "harbour"),
      ]);
      const alert = "select is_alert from data_quality where measure = 'sensor_gaps'";

      const silent = await asked(store, alert);
      await settingOf(store, "sensor_retired_days", 1);
      const retired = await asked(store, alert);

      t.same([silent, retired], [[{ is_alert: 1 }], [{ is_alert: 0 }]]);
      await settingOf(store, "sensor_retired_days", 2);
      t.same(await asked(store, alert), [{ is_alert: 1 }], "two days are not more than two");
      await settingOf(store, "sensor_retired_days", 1);
      t.same(await asked(store, "select is_open, is_retired from sensor_gaps"), [
        { is_open: 1, is_retired: 1 },
      ]);
    });

    await t.test(
      "open rejects are counted by reason and file; those of an undone batch are not",
      async (t) => {
        const store = await freshStore(engine);
        t.teardown(async () => store.dispose());
        const good = (session: string): string => event(session, "10:00:00", "session.connect");
        const timeless = logLine({ eventid: "cowrie.login.failed", session: "aa01" });
        await loadContents(store.database, [
          {
            name: "cowrie.json",
            content: [good("aa01"), '{"a":\n', timeless, '{"b":\n', good("aa02")].join(""),
          },
          { name: "cowrie.json.1", content: [good("aa03"), '{"c":\n', good("aa04")].join("") },
        ]);
        const view =
          "select reason, source_id, sensor, letters, example_letter from top_rejects order by source_id, reason";

        const before = await asked(store, view);
        await undoBatch(store.database, 2, { reload: false });
        const after = await asked(store, view);

        t.equal(
          before.reduce((sum, { letters }) => sum + Number(letters), 0),
          4,
        );
        t.same(
          before.map(({ source_id, sensor }) => [source_id, sensor]),
          [
            [1, "harbour"],
            [1, "harbour"],
            [2, "harbour"],
          ],
        );
        t.equal(
          after.reduce((sum, { letters }) => sum + Number(letters), 0),
          3,
        );
        t.same(
          await asked(store, "select findings, is_alert from data_quality where measure = 'top_rejects'"),
          [{ findings: 3, is_alert: 0 }],
        );
      },
    );
  });
}

async function storeOf(test: Test, engine: Engine, lines: readonly string[]): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  await loadContents(store.database, [{ name: "cowrie.json", content: lines.join("") }]);
  return store;
}

/** A line of 5 January 2026; a field that is null is left out, and so is an empty session. */
function event(session: string, time: string, what: string, fields: Record<string, unknown> = {}): string {
  const whole = { session, src_ip: "192.0.2.7", sensor: "harbour", ...fields };
  const named = Object.entries(whole).filter(([, value]) => value !== null && value !== "");
  return logLine({ eventid: `cowrie.${what}`, timestamp: instant(time), ...Object.fromEntries(named) });
}

function instant(time: string): string {
  const [seconds = "", fraction = ""] = time.split(".");
  return `2026-01-05T${seconds}.${fraction.padEnd(6, "0")}Z`;
}

function gap(sensor: string, start: string, end: string, seconds: number): Record<string, unknown> {
  return { sensor, gap_start: instant(start), gap_end: instant(end), seconds, is_open: 0, is_retired: 0 };
}
