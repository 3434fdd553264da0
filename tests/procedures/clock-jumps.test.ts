import t from "tap";
import type { Test } from "tap";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { engines, freshStore, type Engine, type TestStore } from "../helpers/database.ts";
import { logLine } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";
import { asked, settingOf } from "../helpers/quality.ts";

const view =
  "select seen_between, source_id, batch_id, session_id, sensor, previous_at, occurred_at, jump_seconds from clock_jumps order by batch_id, seen_between";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "a batch that begins before the one in front of it in the file is a jump back",
      async (t) => {
        const store = await storeOf(t, engine, [
          connect("aa01", "2026-01-05T10:00:00.900000Z"),
          connect("aa02", "2026-01-05T10:01:01.900000Z"),
          connect("aa03", "2026-01-05T10:00:01.000000Z"),
          connect("aa04", "2026-01-05T09:00:00.000000Z"),
          connect("aa05", "2026-01-05T10:00:00.000000Z"),
          connect("aa06", "2026-01-05T10:02:00.000000Z"),
        ]);

        const minute = await asked(store, view);
        await settingOf(store, "clock_jump_seconds", 3661);
        const hour = await asked(store, view);

        t.same(minute, [
          {
            seen_between: "batches",
            source_id: 1,
            batch_id: 2,
            session_id: "aa04",
            sensor: "harbour",
            previous_at: "2026-01-05T10:01:01.900000Z",
            occurred_at: "2026-01-05T09:00:00.000000Z",
            jump_seconds: -3661,
          },
        ]);
        t.same(hour, [], "what the setting allows is none");
      },
    );

    await t.test(
      "a week and more without an event is a jump forward, between batches and within one",
      async (t) => {
        const store = await storeOf(t, engine, [
          connect("aa01", "2026-01-05T10:00:00.000000Z"),
          connect("aa02", "2026-01-05T10:00:01.000000Z"),
          connect("aa03", "2026-01-12T10:00:02.000000Z"),
          connect("aa04", "2026-02-12T10:00:02.000000Z"),
        ]);

        const rows = await asked(
          store,
          "select seen_between, batch_id, session_id, jump_seconds from clock_jumps order by 1",
        );
        await settingOf(store, "clock_forward_hours", 169);
        const fewer = await asked(store, "select session_id from clock_jumps");

        t.same(rows, [
          { seen_between: "batches", batch_id: 2, session_id: "aa03", jump_seconds: 7 * 86_400 + 1 },
          { seen_between: "times of a batch", batch_id: 2, session_id: "aa04", jump_seconds: 31 * 86_400 },
        ]);
        t.same(fewer, [{ session_id: "aa04" }]);
      },
    );

    await t.test(
      "an event before the connect of its session is a jump back, in whatever order they are stored",
      async (t) => {
        const store = await storeOf(t, engine, [
          connect("aa01", "2026-01-05T10:30:00.000000Z"),
          login("aa01", "2026-01-05T10:00:00.000000Z"),
          connect("aa02", "2026-01-05T10:00:30.000000Z"),
          login("aa02", "2026-01-05T10:00:00.000000Z"),
          login("aa03", "2026-01-05T10:30:00.000000Z"),
          connect("aa03", "2026-01-05T10:30:00.000000Z"),
        ]);

        const rows = (await asked(store, view)).filter(({ seen_between }) => seen_between !== "batches");

        t.same(rows, [
          {
            seen_between: "events of a session",
            source_id: 1,
            batch_id: 1,
            session_id: "aa01",
            sensor: "harbour",
            previous_at: "2026-01-05T10:30:00.000000Z",
            occurred_at: "2026-01-05T10:00:00.000000Z",
            jump_seconds: -1800,
          },
        ]);
      },
    );

    await t.test("an id that was given twice is no jump of a clock", async (t) => {
      const store = await storeOf(t, engine, [
        login("aa01", "2026-01-05T10:00:00.000000Z"),
        connect("aa01", "2026-01-05T11:00:00.000000Z", "198.51.100.9"),
      ]);

      t.same(await asked(store, view), []);
    });

    await t.test("two files are no stream: the second may be the older", async (t) => {
      const store = await freshStore(engine);
      t.teardown(async () => store.dispose());
      await loadContents(store.database, [
        { name: "cowrie.json", content: connect("aa01", "2026-01-05T10:00:00.000000Z") },
        { name: "cowrie.json.2026-01-04", content: connect("aa02", "2026-01-04T10:00:00.000000Z") },
      ]);

      t.same(await asked(store, view), []);
    });

    await t.test("a batch that was undone is no part of the stream", async (t) => {
      const store = await storeOf(t, engine, [
        connect("aa01", "2026-01-05T10:00:00.000000Z"),
        connect("aa02", "2026-01-05T10:00:01.000000Z"),
        connect("aa03", "2026-01-05T09:00:00.000000Z"),
        connect("aa04", "2026-01-05T09:00:01.000000Z"),
      ]);
      t.equal((await asked(store, view)).length, 1);

      await undoBatch(store.database, 2, { reload: false });

      t.same(await asked(store, view), []);
    });
  });
}

/** A store of one file in batches of two events. */
async function storeOf(test: Test, engine: Engine, lines: readonly string[]): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  await loadContents(store.database, [{ name: "cowrie.json", content: lines.join("") }], { batchEvents: 2 });
  return store;
}

function connect(session: string, timestamp: string, address = "192.0.2.7"): string {
  return logLine({
    eventid: "cowrie.session.connect",
    timestamp,
    session,
    src_ip: address,
    sensor: "harbour",
  });
}

function login(session: string, timestamp: string): string {
  return logLine({
    eventid: "cowrie.login.failed",
    timestamp,
    session,
    src_ip: "192.0.2.7",
    sensor: "harbour",
    username: "root",
    password: "letmein",
  });
}
