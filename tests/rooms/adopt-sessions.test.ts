import t, { type Test } from "tap";
import { adopt, type AdoptProgress, type AdoptResult } from "../../src/adopt/adopt.ts";
import { targetOf } from "../../src/config.ts";
import { openClear } from "../../src/jobs/backfill.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { logLine } from "../helpers/lines.ts";
import {
  oldDatabase,
  putLines,
  type OldDatabase,
  type OldShape,
  type OldSummary,
} from "../helpers/old-system.ts";

const now = "2026-06-01T00:00:00.000000Z";
const stop = { requested: false };

/** A database with an event for each summary; the address is public, so that the inventory may know it. */
async function oldOf(
  t: Test,
  engine: Engine,
  shape: OldShape,
  summaries: readonly OldSummary[],
): Promise<OldDatabase> {
  const old = await oldDatabase(t, engine, shape);
  await putLines(
    old,
    summaries.map(({ session_id: session }) => ({
      source: "a.json",
      line: logLine({
        ...{ eventid: "cowrie.session.connect", session, timestamp: "2026-01-05T10:00:00.000000Z" },
        ...{ src_ip: "8.8.4.4", sensor: "harbour" },
      }),
    })),
  );
  const times = { first_event_at: "2026-01-05 10:00:00", last_event_at: "2026-01-05 10:00:00.000000+00:00" };
  for (const row of summaries) await old.insert("session_summaries", [{ ...times, event_count: 1, ...row }]);
  return old;
}

async function adopted(store: TestStore, old: OldDatabase): Promise<AdoptResult> {
  return adopt(store.database, targetOf(old.from, {}), { dryRun: false, now, stop });
}

async function snapshotsOf(store: TestStore): Promise<Record<string, unknown>> {
  const rows = await typed(
    store.database,
    "select session_id, snapshot_asn, snapshot_country, snapshot_ip_type, snapshot_status from session_summaries order by session_id",
  );
  return Object.fromEntries(
    rows.map((row) => [
      String(row["session_id"]),
      ["asn", "country", "ip_type", "status"].map((name) => row[`snapshot_${name}`] ?? null),
    ]),
  );
}

for (const engine of engines()) {
  await t.test(`snapshots are kept; XX and NULL are both unknown (${engine.name})`, async (t) => {
    const isServer = engine.dialect === "postgres";
    const spellings = [
      { ipType: "snapshot_ip_type", list: "VPN" },
      { ipType: "snapshot_ip_types", list: isServer ? "{DATACENTER,VPN}" : '["DATACENTER", "VPN"]' },
    ] as const;
    for (const { ipType, list } of spellings) {
      const old = await oldOf(t, engine, { version: 16, ipType }, [
        { session_id: "a1", snapshot_asn: 64_500, snapshot_country: "nl", [ipType]: list },
        { session_id: "a2", snapshot_asn: 64_501, snapshot_country: "XX" },
        { session_id: "a3", snapshot_country: "XX", enrichment: "{}" },
        { session_id: "a4" },
        { session_id: "a5", enrichment: '{"virustotal":{}}', enrichment_at: "2026-02-01 01:02:03.4" },
        { session_id: "a6", enrichment: '{"a":1,"a":2}' },
      ]);
      const store = await freshStore(engine);
      t.teardown(store.dispose);

      const result = await adopted(store, old);

      t.same(await snapshotsOf(store), {
        a1: [64_500, "NL", "VPN", "filled"],
        a2: [64_501, null, null, "filled"],
        a3: [null, null, null, null],
        a4: [null, null, null, null],
        a5: [null, null, null, "filled"],
        a6: [null, null, null, null],
      });
      t.match(result.sessions, { theirs: 6, snapshots_kept: 3, enrichments_refused: 1, differences: [] });
      const [row] = await typed(
        store.database,
        "select enrichment, enrichment_at from session_summaries where session_id = 'a5'",
      );
      t.same(JSON.parse(String(row?.["enrichment"])), { virustotal: {} });
      t.equal(row?.["enrichment_at"], "2026-02-01T01:02:03.400000Z");
    }
  });

  await t.test(
    `the first snapshot stays, and its job takes back what it has kept (${engine.name})`,
    async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const first = await oldOf(t, engine, { version: 17 }, [{ session_id: "a1", snapshot_country: "NL" }]);
      const other = await oldOf(t, engine, { version: 17 }, [
        { session_id: "a1", snapshot_country: "DE" },
        { session_id: "a2", snapshot_country: "FR" },
      ]);

      const one = await adopted(store, first);
      const two = await adopted(store, other);
      const both = await snapshotsOf(store);
      const clear = await openClear(store.database, two.job_id ?? 0, { batchSize: null, actor: "test" });
      await runJob(store.database, clear, { batchSize: null, stop });

      t.same(both, { a1: [null, "NL", null, "filled"], a2: [null, "FR", null, "filled"] });
      t.match([one.sessions.snapshots_kept, two.sessions.snapshots_kept], [1, 1]);
      t.match(two.sessions.differences, [{ class: "snapshot_country", sessions: 1, first_session: "a1" }]);
      t.same(await snapshotsOf(store), { a1: [null, "NL", null, "filled"], a2: [null, null, null, null] });
    },
  );

  await t.test(
    `what an inventory says of an address does not take a kept snapshot's place (${engine.name})`,
    async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const old = await oldOf(t, engine, { version: 17 }, [{ session_id: "a1", snapshot_country: "NL" }]);
      await old.insert("ip_inventory", [
        {
          ...{ ip_address: "8.8.4.4", current_asn: 64_500, enrichment_updated_at: "2026-02-01 00:00:00" },
          enrichment: '{"maxmind":{"country":"US"},"dshield":{"ip":{"count":"7"}}}',
        },
      ]);

      const result = await adopted(store, old);

      t.same(await snapshotsOf(store), { a1: [null, "NL", null, "filled"] });
      t.match(result.inventory?.addresses, { rows: 1, added: 1 });
      const [row] = await typed(store.database, "select dshield_flagged as flag from session_summaries");
      t.equal(Number(row?.["flag"]), 1);
    },
  );

  await t.test(
    `an adoption stopped in any of its parts ends in order, and the next goes on (${engine.name})`,
    async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const ids = Array.from({ length: 600 }, (_, number) => number);
      const old = await oldOf(
        t,
        engine,
        { version: 17 },
        ids.map((id) => ({ session_id: `s${id}`, snapshot_country: "NL" })),
      );
      await old.insert(
        "ip_inventory",
        ids.map((id) => ({ ip_address: `8.8.${id >> 8}.${id & 255}`, current_asn: 64_500 })),
      );
      const from = targetOf(old.from, {});
      const counts: number[] = [];
      for (const part of ["events", "sessions", "inventory"]) {
        const stop = { requested: false };
        const onProgress = ({ phase }: AdoptProgress): void => {
          stop.requested ||= phase === part;
        };
        const stopped = await adopt(store.database, from, { dryRun: false, now, stop, onProgress });
        t.ok(stopped.interrupted, part);
        counts.push(stopped.sessions.theirs);
      }
      t.same(counts, [0, 500, 600]);

      const whole = await adopted(store, old);

      t.notOk(whole.interrupted);
      t.equal(whole.sessions.theirs, 600);
      const [{ n } = { n: 0 }] = await typed(store.database, "select count(*) as n from ip_inventory");
      t.equal(Number(n), 600);
    },
  );

  await t.test(
    `before version 16 what was known of an address is found with its sessions (${engine.name})`,
    async (t) => {
      const facts = { dshield: { ip: { count: "7", ascountry: "NL" } }, cymru: { asn: "64500" } };
      const enrichment = JSON.stringify({ session: { "8.8.4.4": facts, "8.8.8.8": facts }, virustotal: {} });
      const old = await oldOf(t, engine, { version: 12 }, [
        { session_id: "a1", enrichment, dshield_flagged: true },
        { session_id: "a2", enrichment: '{"session":{"8.8.4.4":{}}}', dshield_flagged: false },
      ]);
      const store = await freshStore(engine);
      t.teardown(store.dispose);

      const { sessions } = await adopted(store, old);

      t.match(sessions.differences, [{ class: "dshield_flagged", ours: 1, theirs: 0, first_session: "a2" }]);
      t.equal(
        sessions.differences.length,
        1,
        "an address has reports or has none, whatever its sessions say",
      );
      const rows = await typed(
        store.database,
        "select ip_address, current_asn, geo_country, dshield_reports, enriched_at from ip_inventory",
      );
      t.same(
        rows.map((row) => [
          row["ip_address"],
          row["current_asn"],
          row["geo_country"],
          row["dshield_reports"],
        ]),
        [["8.8.4.4", 64_500, "NL", 7]],
      );
      t.equal(rows[0]?.["enriched_at"], "2026-01-05T10:00:00.000000Z");
    },
  );

  await t.test(
    `every way in which their summaries differ has a class and counts (${engine.name})`,
    async (t) => {
      const old = await oldOf(t, engine, { version: 17 }, [
        { session_id: "a1", event_count: 3, command_count: 2, risk_score: 90, vt_flagged: true },
        { session_id: "a2", event_count: 5, login_attempts: 1, file_downloads: 4, source_ip: "8.8.8.8" },
        { session_id: "a3", first_event_at: "2026-01-05 10:00:01", last_event_at: null },
      ]);
      await old.insert("session_summaries", [{ session_id: "zz", event_count: 1 }]);
      await old.insert("raw_events", [
        {
          source: "a.json",
          source_offset: 99,
          payload: logLine({
            eventid: "cowrie.session.connect",
            session: "b1",
            timestamp: "2026-01-05T10:00:00Z",
          }),
        },
      ]);
      const store = await freshStore(engine);
      t.teardown(store.dispose);

      const { sessions } = await adopted(store, old);

      t.same(
        sessions.differences.map((one) => [one.class, one.sessions, one.ours, one.theirs, one.first_session]),
        [
          ["command_count", 1, 0, 2, "a1"],
          ["event_count", 2, 2, 8, "a1"],
          ["file_downloads", 1, 0, 4, "a2"],
          ["first_event_at", 1, null, null, "a3"],
          ["login_attempts", 1, 0, 1, "a2"],
          ["missing_here", 1, null, null, "zz"],
          ["missing_there", 1, null, null, "b1"],
          ["risk_score", 1, 0, 90, "a1"],
          ["source_ip", 1, null, null, "a2"],
          ["vt_flagged", 1, 0, 1, "a1"],
        ],
      );
    },
  );

  await t.test(`every version is known by its tables, another is refused (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const shapeOf = async (shape: OldShape, change = ""): Promise<AdoptResult> => {
      const old = await oldDatabase(t, engine, shape);
      if (change !== "") await old.run(change);
      return adopt(store.database, targetOf(old.from, {}), { dryRun: true, now, stop });
    };
    const silent = new Map([
      [6, 5],
      [7, 5],
      [12, 11],
      [14, 13],
    ]);
    // A database of its own takes a server a third of a second.
    const step = engine.dialect === "sqlite" ? 1 : scaled(10) === 1 ? 4 : 1;
    for (let version = 5; version <= 17; version += step) {
      const { schema_version, shape_version, lacks } = await shapeOf({ version });
      t.same([schema_version, shape_version, lacks], [version, silent.get(version) ?? version, []]);
    }
    const skipped = await shapeOf({ version: 17, hasSnapshots: false });
    t.equal(skipped.shape_version, 17);
    t.ok(skipped.lacks.includes("session_summaries.snapshot_asn"));
    t.match(await shapeOf({ version: 9, stamp: null }), { schema_version: null, shape_version: 9 });
    await t.rejects(shapeOf({ version: 17, stamp: "18" }), {
      code: "adopt.unknown_shape",
      message: /version 18/,
    });
    await t.rejects(shapeOf({ version: 17, stamp: "4" }), { code: "adopt.unknown_shape" });
    await t.rejects(shapeOf({ version: 17 }, "alter table raw_events drop column event_type"), {
      code: "adopt.unknown_shape",
      message: /no raw_events\.event_type/,
    });
    await t.rejects(shapeOf({ version: 17 }, "drop table session_summaries"), {
      code: "adopt.unknown_shape",
      message: /no session_summaries\.session_id/,
    });
  });
}
