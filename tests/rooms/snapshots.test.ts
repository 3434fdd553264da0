import t, { type Test } from "tap";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { openClear, predictSnapshots } from "../../src/jobs/backfill.ts";
import { openJob, type Job } from "../../src/jobs/jobs.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { day, judge, say } from "../helpers/inventory.ts";
import { everything } from "../helpers/jobs.ts";
import { logLine } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";
import { openPlain } from "../helpers/plain.ts";

const never = { requested: false };
const shasum = "ab".repeat(32);

/** The line of a session that begins on a day and comes from an address. */
function connect(session: string, date: string, address: string | undefined): string {
  const from = address === undefined ? {} : { src_ip: address };
  return logLine({ eventid: "cowrie.session.connect", session, timestamp: `${date}T10:00:00Z`, ...from });
}

function download(session: string, date: string): string {
  return logLine({
    eventid: "cowrie.session.file_download",
    session,
    timestamp: `${date}T10:00:05Z`,
    shasum,
    src_ip: "8.8.8.8",
  });
}

async function storeWith(test: Test, engine: Engine): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(async () => store.dispose());
  return store;
}

async function load(store: TestStore, name: string, lines: readonly string[]): Promise<void> {
  await loadContents(store.database, [{ name, content: lines.join("") }]);
}

async function backfill(store: TestStore, batchSize: number | null = null): Promise<Job> {
  const opened = await openJob(store.database, "backfill_snapshots", everything, {
    batchSize,
    actor: "test",
  });
  return runJob(store.database, opened, { batchSize, stop: never });
}

async function takeBack(store: TestStore, job: Job): Promise<Job> {
  const opened = await openClear(store.database, job.job_id, { batchSize: 2, actor: "test" });
  return runJob(store.database, opened, { batchSize: 2, stop: never });
}

/** The snapshots of all sessions, by their ids. */
async function snapshots(store: TestStore): Promise<Record<string, unknown>> {
  const rows = await typed(
    store.database,
    "select session_id, snapshot_status as status, snapshot_asn as asn, snapshot_country as country, snapshot_ip_type as type, snapshot_job_id as job from session_summaries order by session_id",
  );
  return Object.fromEntries(
    rows.map(({ session_id: id, status, asn, country, type, job }) => [
      String(id),
      [status, asn, country, type, job].map((value) => (typeof value === "bigint" ? Number(value) : value)),
    ]),
  );
}

async function noneWrong(test: Test, store: TestStore): Promise<void> {
  test.same(await typed(store.database, "select * from check_ip_inventory"), []);
  test.same(await typed(store.database, "select * from check_session_flags"), []);
}

const empty = [null, null, null, null, null];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("the seal fills what is known, a backfill the rest, and the first value wins", async (t) => {
      const store = await storeWith(t, engine);
      await say(store, [
        {
          ip_address: "8.8.8.8",
          enriched_at: day("2025-01-01"),
          asn: 15169,
          country: "us",
          label: "hosting",
        },
        { ip_address: "9.9.9.9", enriched_at: day("2025-01-01") },
      ]);
      await load(store, "cowrie.json.1", [
        connect("aa0000000001", "2026-01-05", "8.8.8.8"),
        connect("aa0000000002", "2026-01-05", "9.9.9.9"),
        connect("aa0000000003", "2026-01-05", "1.1.1.1"),
        connect("aa0000000004", "2026-01-05", "172.17.0.2"),
        connect("aa0000000005", "2026-01-05", undefined),
        connect("aa0000000006", "2026-01-05", "fd00::1"),
        connect("aa0000000007", "2026-01-05", "2a00:1450::1"),
      ]);
      const google = ["filled", 15169, "US", "DATACENTER", null];
      const sealed = await snapshots(store);
      t.same(sealed["aa0000000001"], google);
      t.same(sealed["aa0000000003"], empty);

      const found = await predictSnapshots(store.database, everything, { stop: never });
      t.same(found.sessions, 7);
      t.same(found.statuses, [
        { snapshot_status: "not_enriched", row_count: 1 },
        { snapshot_status: "not_public", row_count: 2 },
        { snapshot_status: "unknown_address", row_count: 2 },
      ]);
      t.same(await snapshots(store), sealed, "a prediction writes nothing");

      const first = await backfill(store, 2);
      t.match(first, { state: "done", processed: 7, rows_updated: 5 });
      const filled = {
        aa0000000001: google,
        aa0000000002: ["not_enriched", null, null, null, first.job_id],
        aa0000000003: ["unknown_address", null, null, null, first.job_id],
        aa0000000004: ["not_public", null, null, null, first.job_id],
        aa0000000005: empty,
        aa0000000006: ["not_public", null, null, null, first.job_id],
        aa0000000007: ["unknown_address", null, null, null, first.job_id],
      };
      t.same(await snapshots(store), filled);

      await say(store, [
        { ip_address: "8.8.8.8", enriched_at: day("2026-03-01"), asn: 1, country: "DE" },
        { ip_address: "1.1.1.1", enriched_at: day("2026-03-01"), asn: 13335, country: "AU" },
        { ip_address: "172.17.0.2", enriched_at: day("2026-03-01"), asn: 2, country: "FR" },
      ]);
      const second = await backfill(store);
      t.match(second, { state: "done", rows_updated: 1 });
      t.same(await snapshots(store), {
        ...filled,
        aa0000000003: ["filled", 13335, "AU", null, second.job_id],
      });

      t.match(await takeBack(store, second), { state: "done", rows_updated: 1 });
      t.same(await snapshots(store), filled, "the undo gives back what the job found");
      await takeBack(store, first);
      t.same(await snapshots(store), sealed);
      await noneWrong(t, store);
    });

    await t.test("a session has what was known when it began", async (t) => {
      const store = await storeWith(t, engine);
      await load(store, "cowrie.json.1", [
        connect("aa0000000001", "2026-01-05", "8.8.8.8"),
        connect("aa0000000002", "2026-02-05", "8.8.8.8"),
        connect("aa0000000003", "2026-03-05", "8.8.8.8"),
        connect("aa0000000004", "2025-01-05", "8.8.8.8"),
      ]);
      const versions = [
        { ip_address: "8.8.8.8", enriched_at: day("2026-01-01"), asn: 1, country: "AA" },
        { ip_address: "8.8.8.8", enriched_at: day("2026-02-01"), asn: 2 },
        { ip_address: "8.8.8.8", enriched_at: day("2026-03-01"), asn: 3, country: "CC" },
      ];
      await say(store, versions);
      await backfill(store);
      const of = (session: string): string =>
        `select snapshot_asn, snapshot_country, enrichment_at from session_summaries where session_id = '${session}'`;
      const seen = async (session: string): Promise<unknown[]> =>
        (await typed(store.database, of(session))).map((row) => [
          Number(row["snapshot_asn"]),
          row["snapshot_country"],
          new Date(String(row["enrichment_at"])).toISOString().slice(0, 10),
        ]);
      t.same(await seen("aa0000000001"), [[1, "AA", "2026-01-01"]]);
      t.same(await seen("aa0000000002"), [[2, "AA", "2026-02-01"]]);
      t.same(await seen("aa0000000003"), [[3, "CC", "2026-03-01"]]);
      t.same(await seen("aa0000000004"), [[3, "CC", "2026-03-01"]], "before all that is known: as it is now");
      t.same(
        (await typed(store.database, "select filled, known, accurate, in_time from snapshot_accuracy")).map(
          (row) => Object.values(row).map(Number),
        ),
        [[4, 4, 4, 4]],
      );
      await say(store, [{ ip_address: "8.8.8.8", enriched_at: day("2025-01-01"), asn: 9 }]);
      const [late] = await typed(store.database, "select known, in_time from snapshot_accuracy");
      t.same(
        [Number(late?.["known"]), Number(late?.["in_time"])],
        [4, 3],
        "what is learned late was not told in time",
      );
    });

    await t.test("in whatever order it is said, and said twice: the same inventory", async (t) => {
      const versions = [
        { ip_address: "8.8.8.8", enriched_at: day("2026-01-01"), asn: 1, asn_name: "ONE" },
        { ip_address: "8.8.8.8", enriched_at: day("2026-02-01"), country: "DE", label: "tor" },
        { ip_address: "8.8.8.8", enriched_at: day("2026-03-01"), asn: 3, dshield_reports: 4 },
      ];
      const seen = new Set<string>();
      for (const order of [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0, 0, 1, 2],
      ]) {
        const store = await storeWith(t, engine);
        for (const index of order) await say(store, versions.slice(index, index + 1));
        const now = await typed(
          store.database,
          "select current_asn, asn_name, geo_country, ip_type, type_label, dshield_reports, enriched_at, confirmed_at from ip_inventory",
        );
        seen.add(
          JSON.stringify(now, (_key, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
        );
      }
      t.equal(seen.size, 1, [...seen].join("\n"));
      t.match([...seen][0], /"TOR"/);
    });

    await t.test("a snapshot that is taken is changed by nobody", async (t) => {
      const store = await storeWith(t, engine);
      await say(store, [{ ip_address: "8.8.8.8", enriched_at: day("2025-01-01"), asn: 15169 }]);
      await load(store, "cowrie.json.1", [connect("aa0000000001", "2026-01-05", "8.8.8.8")]);
      const plain = openPlain(store);
      t.teardown(plain.close);
      for (const change of [
        "snapshot_asn = 1",
        "snapshot_country = 'DE'",
        "snapshot_status = null",
        "enrichment_at = null",
      ])
        await t.rejects(
          plain.run(`update ~session_summaries set ${change}`),
          /snapshot of this session/,
          change,
        );
    });

    await t.test("counts and times of addresses follow loads and undos", async (t) => {
      const store = await storeWith(t, engine);
      await load(store, "cowrie.json.1", [
        connect("aa0000000001", "2026-01-05", "8.8.8.8"),
        connect("aa0000000002", "2026-01-06", "8.8.8.8"),
      ]);
      await say(store, [
        { ip_address: "8.8.8.8", enriched_at: day("2025-01-01"), asn: 15169, dshield_reports: 2 },
        { ip_address: "9.9.9.9", enriched_at: day("2025-01-01"), asn: 19281 },
      ]);
      await noneWrong(t, store);
      await load(store, "cowrie.json.2", [
        connect("aa0000000003", "2026-01-01", "8.8.8.8"),
        connect("aa0000000004", "2026-01-09", "9.9.9.9"),
        // Earlier than all others of its session, and from elsewhere.
        connect("aa0000000002", "2026-01-02", "9.9.9.9"),
      ]);
      await noneWrong(t, store);
      const counts = "select ip_address, session_count from ip_inventory order by ip_address";
      const numbers = async (): Promise<number[]> =>
        (await typed(store.database, counts)).map((row) => Number(row["session_count"]));
      t.same(await numbers(), [2, 2]);
      await undoBatch(store.database, 2, { reload: false });
      t.same(await numbers(), [2, 0]);
      await noneWrong(t, store);
      await undoBatch(store.database, 1, { reload: false });
      t.same(await numbers(), [0, 0]);
      await noneWrong(t, store);
    });

    await t.test("verdicts and reports set flags, and take them back", async (t) => {
      const store = await storeWith(t, engine);
      const flags = async (): Promise<unknown[]> =>
        (
          await typed(
            store.database,
            "select vt_flagged, dshield_flagged from session_summaries order by session_id",
          )
        ).map((row) => Object.values(row).map(Number));
      await load(store, "cowrie.json.1", [
        connect("aa0000000001", "2026-01-05", "8.8.8.8"),
        download("aa0000000001", "2026-01-05"),
      ]);
      t.same(await flags(), [[0, 0]]);
      await judge(store, [{ shasum, source: "vt", judged_at: day("2026-01-06"), is_malicious: true }]);
      await say(store, [{ ip_address: "8.8.8.8", enriched_at: day("2026-01-06"), dshield_reports: 3 }]);
      t.same(await flags(), [[1, 1]]);
      await load(store, "cowrie.json.2", [
        connect("aa0000000002", "2026-01-07", "8.8.8.8"),
        download("aa0000000002", "2026-01-07"),
      ]);
      t.same(await flags(), [
        [1, 1],
        [1, 1],
      ]);
      await noneWrong(t, store);
      await judge(store, [{ shasum, source: "vt", judged_at: day("2026-01-08"), is_malicious: false }]);
      await say(store, [{ ip_address: "8.8.8.8", enriched_at: day("2026-01-08"), dshield_reports: 0 }]);
      t.same(await flags(), [
        [0, 0],
        [0, 0],
      ]);
      await noneWrong(t, store);
    });

    await t.test("a shell fills and takes back, without the program", async (t) => {
      const store = await storeWith(t, engine);
      const lines = Array.from({ length: 25 }, (_none, index) =>
        connect(`aa00000000${10 + index}`, "2026-01-05", "8.8.8.8"),
      );
      await load(store, "cowrie.json.1", lines);
      await say(store, [{ ip_address: "8.8.8.8", enriched_at: day("2025-01-01"), asn: 15169 }]);
      const plain = openPlain(store);
      t.teardown(plain.close);
      const toTheEnd = async (sqlite: string, postgres: string): Promise<void> => {
        if (plain.dialect === "postgres") return plain.run(postgres);
        do await plain.run(sqlite);
        while ((await plain.rows("select 1 from jobs where state = 'running'")).length > 0);
      };
      const filled = async (): Promise<number> =>
        (await plain.rows("select 1 from ~session_summaries where snapshot_asn = 15169")).length;

      await toTheEnd(
        "insert into backfill_snapshots (batch_size) values (7)",
        "call cowrie.backfill_snapshots(batch_size => 7)",
      );
      t.equal(await filled(), 25);
      const [job] = await plain.rows("select max(job_id) as id from ~jobs");
      await toTheEnd(
        `insert into undo_backfill (job_id, batch_size) values (${String(job?.["id"])}, 7)`,
        `call cowrie.undo_backfill(${String(job?.["id"])}, 7)`,
      );
      t.equal(await filled(), 0);
      t.match(await typed(store.database, "select * from jobs where kind = 'clear_snapshots'"), [
        { state: "done" },
      ]);
    });
  });
}
