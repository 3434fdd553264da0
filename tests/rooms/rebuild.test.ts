import t, { type Test } from "tap";
import { openJob, jobOf, type Job, type Scope } from "../../src/jobs/jobs.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { predict, type Change, type RebuildKind } from "../../src/jobs/predict.ts";
import { validate } from "../../src/jobs/validate.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { damage } from "../helpers/damage.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { scaled } from "../helpers/cli.ts";

const kinds: readonly RebuildKind[] = ["rebuild_summaries", "rebuild_command_stats"];
const everything: Scope = { from: null, to: null, session: null };
const never = { requested: false };

async function loadedStore(test: Test, engine: Engine, seed: number): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(store.dispose);
  await loadInProcess(store.database, "log", logOf(generatedLines(150, 8, seed)), [40, 7]);
  return store;
}

async function rebuilt(
  store: TestStore,
  kind: RebuildKind,
  scope = everything,
  batchSize: number | null = 3,
): Promise<Job> {
  const { database } = store;
  const opened = await openJob(database, kind, scope, { batchSize, actor: "test" });
  return runJob(database, opened, { batchSize, stop: never });
}

/** Rows changed, by action. */
function sumsOf(changes: readonly Change[]): number[] {
  return ["insert", "update", "delete"].map((action) =>
    changes.filter((change) => change.action === action).reduce((sum, { rows }) => sum + rows, 0),
  );
}

function countsOf(job: Job): number[] {
  return [job.rows_inserted, job.rows_updated, job.rows_deleted];
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "a rebuild of a damaged store gives what a fresh load gives, as often as it runs",
      async (t) => {
        for (let seed = 1; seed <= scaled(60); seed += 1) {
          await t.test(`seed ${seed}`, async (t) => {
            const store = await loadedStore(t, engine, seed);
            const fresh = await canonicalTables(store.database);
            await damage(store, seed);
            t.notSame(await canonicalTables(store.database), fresh, "it is damaged");

            for (const kind of kinds) {
              const foreseen = await predict(store.database, kind, everything, { stop: never });
              const job = await rebuilt(store, kind, everything, (seed % 9) + 1);
              t.equal(job.state, "done");
              t.same(countsOf(job), sumsOf(foreseen.changes), `${kind} does what was foreseen`);
            }

            t.same(await canonicalTables(store.database), fresh);
            for (const kind of kinds) {
              t.same(countsOf(await rebuilt(store, kind)), [0, 0, 0], "a second run finds nothing");
              const again = await validate(store.database, kind, everything, 1, { stop: never });
              t.equal(again.differences, 0, "nor does other code");
            }
          });
        }
      },
    );

    await t.test("other code finds what is damaged, and where", async (t) => {
      const store = await loadedStore(t, engine, 5);
      await typed(
        store.database,
        "update session_summaries set event_count = event_count + 1 where session_id = (select p.session_id from session_places as p where p.summary_id = 2)",
      );
      const [row] = await typed(
        store.database,
        "select session_id from session_summaries where session_id = (select p.session_id from session_places as p where p.summary_id = 2)",
      );

      const found = await validate(store.database, "rebuild_summaries", everything, 1, { stop: never });

      t.equal(found.differences, 1);
      t.match(found.first, [{ session_id: row?.["session_id"], column_name: "event_count" }]);
    });

    await t.test("snapshots, enrichment, flags and the time of creation stay as they are", async (t) => {
      const store = await loadedStore(t, engine, 6);
      const kept =
        "select session_id, vt_flagged, dshield_flagged, snapshot_asn, snapshot_country, snapshot_status, enrichment, enrichment_at, created_at from session_summaries order by session_id";
      await typed(
        store.database,
        `update session_summaries set vt_flagged = true, snapshot_asn = 64500, snapshot_country = 'NL', snapshot_status = 'filled', enrichment = '{"b": 1.50, "a": [ ]}', enrichment_at = '2026-01-01T00:00:00.000000Z', event_count = event_count + 5, sensor = 'elsewhere'`,
      );
      const before = await typed(store.database, kept);

      const job = await rebuilt(store, "rebuild_summaries");

      t.ok(job.rows_updated > 0);
      t.same(await typed(store.database, kept), before);
    });

    await t.test("a range of days and a single session are rebuilt alone", async (t) => {
      const store = await loadedStore(t, engine, 7);
      const { database } = store;
      const rows = await typed(
        database,
        "select session_id, first_event_at from session_summaries order by first_event_at, session_id",
      );
      const middle = rows[Math.floor(rows.length / 2)];
      const from = instantOf(middle?.["first_event_at"]);
      const wrong = async (): Promise<number> => {
        const [row] = await typed(
          database,
          "select count(*) as n from session_summaries where event_count > 1000",
        );
        return Number(row?.["n"]);
      };
      await typed(database, "update session_summaries set event_count = event_count + 1000");

      await rebuilt(store, "rebuild_summaries", { ...everything, session: String(rows[0]?.["session_id"]) });
      t.equal(await wrong(), rows.length - 1);
      const later = rows.filter((row) => instantOf(row["first_event_at"]) >= from).length;
      await rebuilt(store, "rebuild_summaries", { ...everything, from });
      t.equal(await wrong(), rows.length - 1 - later);
      await rebuilt(store, "rebuild_summaries", { ...everything, to: from });
      t.equal(await wrong(), 0);
    });

    await t.test("a job with other parameters is refused while one is open", async (t) => {
      const { database } = await loadedStore(t, engine, 8);
      const how = { batchSize: 2, actor: "test" };
      const first = await openJob(database, "rebuild_summaries", everything, how);

      t.equal((await openJob(database, "rebuild_summaries", everything, how)).job_id, first.job_id);
      await t.rejects(openJob(database, "rebuild_summaries", { ...everything, session: "x" }, how), {
        code: "WR041",
      });
    });

    await t.test("a stop leaves the job open, and the next worker goes on behind it", async (t) => {
      const store = await loadedStore(t, engine, 9);
      const fresh = await canonicalTables(store.database);
      await damage(store, 9);
      const stop = { requested: false };
      const opened = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 1,
        actor: "test",
      });

      const left = await runJob(store.database, opened, {
        batchSize: 1,
        stop,
        onProgress: (job) => {
          if (job.processed >= 3) stop.requested = true;
        },
      });
      t.equal(left.state, "running");
      t.equal(left.processed, 3);
      const job = await rebuilt(store, "rebuild_summaries");
      t.equal(job.job_id, opened.job_id);
      t.equal(job.processed, job.total);
      await rebuilt(store, "rebuild_command_stats");
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test("a VACUUM in the middle of a job leaves no session out", async (t) => {
      const store = await loadedStore(t, engine, 11);
      const { database } = store;
      const fresh = await canonicalTables(database);
      await typed(database, "delete from session_summaries where event_count < 20");
      await rebuilt(store, "rebuild_summaries");
      await damage(store, 11);
      const how = { batchSize: 2, actor: "test" };
      const opened = await openJob(database, "rebuild_summaries", everything, how);
      const stop = { requested: false };
      const onProgress = (job: Job): void => {
        if (job.processed >= 6) stop.requested = true;
      };
      await runJob(database, opened, { batchSize: 2, stop, onProgress });

      await typed(database, database.dialect === "sqlite" ? "vacuum" : "vacuum full session_summaries");
      await rebuilt(store, "rebuild_summaries");
      await rebuilt(store, "rebuild_command_stats");

      t.same(await canonicalTables(database), fresh);
    });

    await t.test("readers that look ahead change nothing of what a rebuild does", async (t) => {
      const store = await loadedStore(t, engine, 12);
      const fresh = await canonicalTables(store.database);
      const [row] = await typed(store.database, "select max(session_id) as last from session_summaries");
      await typed(
        store.database,
        `update session_summaries set event_count = 999 where session_id = '${String(row?.["last"])}'`,
      );

      const first = await rebuilt(store, "rebuild_summaries", everything, null);
      const second = await rebuilt(store, "rebuild_summaries", everything, null);

      t.same(countsOf(first), [0, 1, 0]);
      t.same(countsOf(second), [0, 0, 0]);
      t.same([second.state, second.processed], ["done", second.total]);
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test(
      "a paused job waits, goes on when it is resumed, and ends when it is cancelled",
      async (t) => {
        const { database } = await loadedStore(t, engine, 10);
        const opened = await openJob(database, "rebuild_summaries", everything, {
          batchSize: 1,
          actor: "test",
        });
        const set = async (state: string, rest = ""): Promise<number> => {
          const text = `update jobs set state = '${state}'${rest} where job_id = ${opened.job_id} returning processed`;
          return Number((await typed(database, text))[0]?.["processed"]);
        };
        await set("paused");
        let looks = 0;
        let cancelling: Promise<number> | undefined;

        const ended = await runJob(database, opened, {
          batchSize: 1,
          stop: never,
          onProgress: (job) => {
            looks += 1;
            t.ok(job.processed <= 2);
            if (looks === 2) void set("running");
            // The batch at hand may still end.
            if (job.processed === 1) cancelling ??= set("cancelled", ", finished_at = created_at");
          },
        });
        t.equal(ended.state, "cancelled");
        t.equal(ended.processed, await cancelling, "nothing is done once it is cancelled");
        t.equal((await jobOf(database, opened.job_id)).worker, null);
      },
    );
  });
}

function instantOf(value: unknown): string {
  return value instanceof Date ? value.toISOString().replace("Z", "000Z") : String(value);
}
