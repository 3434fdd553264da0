import t, { type Test } from "tap";
import { openJob, type Job } from "../../src/jobs/jobs.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { predict } from "../../src/jobs/predict.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { cowriedb } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { everything, kinds, poison, sessionsOf, spoilAll, storeOfSessions } from "../helpers/jobs.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { openPlain } from "../helpers/plain.ts";

// What the tool before this one did wrong, each as a test that fails where it is done again.

const never = { requested: false };

/** Rebuilds the summaries; gives the job after each batch, as it was before the last look and at the end. */
async function rebuilt(
  store: TestStore,
  batchSize: number,
  onLook: (job: Job) => void = () => undefined,
): Promise<Job> {
  const opened = await openJob(store.database, "rebuild_summaries", everything, { batchSize, actor: "test" });
  return runJob(store.database, opened, { batchSize, stop: never, onProgress: onLook });
}

/** Lines that are loaded, one batch a text. */
async function loadedStore(test: Test, engine: Engine, ...texts: string[]): Promise<TestStore> {
  const store = await freshStore(engine);
  test.teardown(store.dispose);
  for (const [index, text] of texts.entries())
    await loadInProcess(store.database, `log ${index}`, Buffer.from(text), [1_000]);
  return store;
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a dry run ends, changes nothing, and finds the same when it is run again", async (t) => {
      const store = await storeOfSessions(t, engine, 60);
      await spoilAll(store);
      const before = await canonicalTables(store.database);

      const dryRun = ["rebuild", "summaries", "--dry-run", "--json", "--db", store.db];
      const found = await Promise.all([cowriedb(dryRun), cowriedb(dryRun)]);

      for (const { code, stdout } of found) {
        t.equal(code, 0);
        t.match(JSON.parse(stdout), {
          dry_run: true,
          sessions: before["session_summaries"]?.length,
          changes: [
            { table: "session_summaries", action: "update", rows: before["session_summaries"]?.length },
          ],
        });
      }
      t.same(await canonicalTables(store.database), before);
      t.same(await typed(store.database, "select * from jobs"), [], "it is no job");
    });

    await t.test("a batch that fails is passed, and no batch is done for ever", async (t) => {
      const store = await storeOfSessions(t, engine, 40);
      await spoilAll(store);
      const [bad = ""] = await sessionsOf(store);
      const plain = openPlain(store);
      t.teardown(plain.close);
      await poison(plain, [bad], "never");
      let looks = 0;

      const job = await rebuilt(store, 8, () => {
        looks += 1;
        if (looks > 200) throw new Error("the job does not get on");
      });

      t.match(job, { state: "needs_attention", failed_batches: 1 });
      t.equal(job.processed, job.total - 1);
    });

    await t.test("a job that is resumed begins where it was left, and never passes 100 %", async (t) => {
      const store = await storeOfSessions(t, engine, 60);
      await spoilAll(store);
      const [one, other] = [new Set<number>(), new Set<number>()];
      const stop = { requested: false };
      const opened = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 7,
        actor: "test",
      });
      const note =
        (seen: Set<number>) =>
        (job: Job): void => {
          t.ok(job.processed <= job.total, `${job.processed} of ${job.total}`);
          if (job.phase === "sessions") seen.add(job.processed);
          if (job.processed >= 21) stop.requested = true;
        };

      const left = await runJob(store.database, opened, { batchSize: 7, stop, onProgress: note(one) });
      // Half of what was done is spoiled again: who goes on where it was left does not come by there.
      await typed(
        store.database,
        "update session_summaries set event_count = event_count + 1000 where session_id in (select p.session_id from session_places as p where p.summary_id <= 3)",
      );
      const last = await rebuilt(store, 7, note(other));

      t.equal(last.job_id, left.job_id);
      t.equal(Math.min(...other), left.processed);
      t.equal(last.processed, last.total);
      t.equal(last.total, opened.total);
      const rows = await typed(
        store.database,
        "select summary_id from session_places where event_count >= 1000 order by summary_id",
      );
      t.same(
        rows.map(({ summary_id }) => Number(summary_id)),
        [1, 2, 3],
      );
    });

    await t.test("events that come late while a job runs do not carry it past 100 %", async (t) => {
      const texts = ["2026-01-05", "2026-01-07", "2026-01-05"];
      const store = await loadedStore(
        t,
        engine,
        ...texts.map((day, index) => sessionLines(sessionId(index + 1), day)),
      );
      const scope = { from: null, to: "2026-01-06T00:00:00.000000Z", session: null };
      const how = { batchSize: 1, actor: "test" };
      const opened = await openJob(store.database, "rebuild_summaries", scope, how);
      t.equal(opened.total, 2);
      await loadInProcess(store.database, "late", Buffer.from(sessionLines(sessionId(2))), [1_000]);

      const ended = await runJob(store.database, opened, {
        batchSize: 1,
        stop: never,
        onProgress: (job) => {
          t.ok(job.processed <= job.total, `${job.processed} of ${job.total}`);
        },
      });

      t.match(ended, { state: "done", processed: 3, total: 3 });
    });

    await t.test("a file that is read again adds nothing, to summaries or to a rebuild", async (t) => {
      const text = sessionLines(sessionId(1)) + sessionLines(sessionId(2));
      const store = await loadedStore(t, engine, text);
      const fresh = await canonicalTables(store.database);
      await loadInProcess(store.database, "again", Buffer.from(`${text}\n`), [3]);
      t.same(await canonicalTables(store.database), fresh);
      await spoilAll(store);

      t.match(await rebuilt(store, 1), { rows_inserted: 0, rows_updated: 2, rows_deleted: 0 });
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test("the earliest and the latest event win, whichever batch they are in", async (t) => {
      const lines = sessionLines(sessionId(1)).trimEnd().split("\n");
      const shuffled = [3, 0, 4, 1, 2].map((at) => `${lines[at] ?? ""}\n`);
      const store = await loadedStore(t, engine, ...shuffled);
      const fresh = await canonicalTables(store.database);
      await typed(
        store.database,
        "update session_summaries set first_event_at = last_event_at, has_connect = false, has_closed = false, reported_duration_ms = null, login_successes = 0, source_ip = null, source_ip_key = null",
      );

      await rebuilt(store, 1);

      t.same(await canonicalTables(store.database), fresh);
      t.match(await typed(store.database, "select * from session_summaries"), [
        {
          matcher: "full_delimited",
          event_count: /^5$/,
          login_attempts: /^2$/,
          reported_duration_ms: /^8000$/,
        },
      ]);
    });

    await t.test("a session that lies in many batches and chunks keeps all of its events", async (t) => {
      const texts = [1, 2, 3, 4, 5].map((number) => sessionLines(sessionId(number)).trimEnd().split("\n"));
      const batches = [0, 1, 2, 3, 4].map((at) => `${texts.map((lines) => lines[at] ?? "").join("\n")}\n`);
      const store = await loadedStore(t, engine, ...batches);
      await typed(
        store.database,
        "update session_summaries set snapshot_country = 'NL', snapshot_status = 'filled'",
      );
      const fresh = await canonicalTables(store.database);

      for (let batchSize = 1; batchSize <= 6; batchSize++) {
        await typed(
          store.database,
          "update session_summaries set event_count = 1, login_attempts = 0, vt_flagged = true",
        );
        await typed(store.database, "delete from command_stats");
        for (const { kind } of kinds) {
          const opened = await openJob(store.database, kind, everything, { batchSize, actor: "test" });
          t.equal((await runJob(store.database, opened, { batchSize, stop: never })).state, "done");
        }
        const kept = await typed(
          store.database,
          "select count(*) as n from session_summaries where vt_flagged = true and snapshot_country = 'NL' and event_count = 5",
        );
        t.equal(Number(kept[0]?.["n"]), 5, `in chunks of ${batchSize}: snapshots and flags stay`);
        await typed(store.database, "update session_summaries set vt_flagged = false");
        t.same(await canonicalTables(store.database), fresh, `in chunks of ${batchSize}`);
      }
    });

    await t.test("a summary that is missing is made although its number was another's before", async (t) => {
      const store = await storeOfSessions(t, engine, 40);
      const fresh = await canonicalTables(store.database);
      const sessions = await sessionsOf(store);
      const opened = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 1,
        actor: "test",
      });
      // The summary with the highest number is lost once the job has noted it as the last to walk to.
      const last = (sessions.at(-1) ?? "").replaceAll("'", "''");
      await typed(store.database, `delete from session_summaries where session_id = '${last}'`);
      const blank: unknown[] = [];

      const job = await runJob(store.database, opened, {
        batchSize: 1,
        stop: never,
        onProgress: (now) => {
          if (now.phase === "missing")
            void typed(store.database, "select 1 from session_summaries where event_count = 0").then((rows) =>
              blank.push(...rows),
            );
        },
      });

      t.match(job, { state: "done", rows_inserted: 1 });
      t.same(blank, [], "no blank row stays");
      await typed(store.database, "update session_summaries set created_at = updated_at");
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test("one session is found at once among many, and only that one is made", async (t) => {
      const lines = Array.from({ length: 50 }, (_, number) => sessionLines(sessionId(number)));
      const store = await loadedStore(t, engine, logOf(lines.map((text) => text.trimEnd())).toString());
      await typed(store.database, `delete from session_summaries where session_id >= '${sessionId(40)}'`);
      const scope = { ...everything, session: sessionId(45) };
      t.match(await predict(store.database, "rebuild_summaries", scope, { stop: never }), {
        changes: [{ table: "session_summaries", action: "insert", rows: 1 }],
      });
      let looks = 0;
      const opened = await openJob(store.database, "rebuild_summaries", scope, {
        batchSize: 1,
        actor: "test",
      });

      await runJob(store.database, opened, { batchSize: 1, stop: never, onProgress: () => (looks += 1) });

      t.ok(looks <= 6, `${looks - 1} batches`);
      const made = await typed(
        store.database,
        `select session_id from session_summaries where session_id >= '${sessionId(40)}'`,
      );
      t.same(
        made.map(({ session_id }) => session_id),
        [sessionId(45)],
      );
    });
  });
}
