import t, { type Test } from "tap";
import { checkSession, jobOf, openJob, type Job } from "../../src/jobs/jobs.ts";
import { advance, releaseJob, takeLease } from "../../src/jobs/lease.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { predict, type RebuildKind } from "../../src/jobs/predict.ts";
import { jobsNextPiece } from "../../src/sql/generated.ts";
import { one } from "../../src/sql/run.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { cowriedb } from "../helpers/cli.ts";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import { everything, newestJob, sessionsOf, spoilAll, storeOfSessions } from "../helpers/jobs.ts";

// What makes the work of a rebuild old while it is under way, and what it must not take for done.

const never = { requested: false };

/** A rebuild of the summaries that was stopped behind some of them. */
async function stoppedRebuild(store: TestStore, sessions: number): Promise<Job> {
  const how = { batchSize: 5, actor: "test" };
  const opened = await openJob(store.database, "rebuild_summaries", everything, how);
  const stop = { requested: false };
  const onProgress = (job: Job): void => {
    if (job.processed >= sessions) stop.requested = true;
  };
  await runJob(store.database, opened, { batchSize: 5, stop, onProgress });
  return jobOf(store.database, opened.job_id);
}

/** Rebuilds all with readers that look ahead. */
async function rebuilt(store: TestStore, kind: RebuildKind): Promise<Job> {
  const opened = await openJob(store.database, kind, everything, { batchSize: null, actor: "test" });
  return runJob(store.database, opened, { batchSize: null, stop: never });
}

async function ruleOfCommands(test: Test, store: TestStore): Promise<void> {
  const [before] = await typed(store.database, "select max(risk_score) as most from session_summaries");
  await typed(
    store.database,
    "insert into risk_rules (event_type, field, match, pattern, score) values ('cowrie.session.connect', 'event_type', 'equals', 'cowrie.session.connect', 99)",
  );
  test.ok(Number(before?.["most"]) < 99);
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("an open rebuild begins anew when the rules change", async (t) => {
      const store = await storeOfSessions(t, engine, 60);
      const stopped = await stoppedRebuild(store, 20);
      t.ok(stopped.processed > 0 && stopped.state === "running");

      await ruleOfCommands(t, store);
      t.match(await newestJob(store), { restarts: 1, processed: 0, phase: "missing", state: "running" });
      const job = await rebuilt(store, "rebuild_summaries");

      t.match(job, { job_id: stopped.job_id, state: "done", processed: job.total });
      t.same((await predict(store.database, "rebuild_summaries", everything, { stop: never })).changes, []);
      const low = "select session_id from session_summaries where has_connect and risk_score < 99";
      t.same(await typed(store.database, low), []);
    });

    await t.test("the last instant of all belongs to the whole, and none behind it is stored", async (t) => {
      const store = await storeOfSessions(t, engine, 20);
      const fresh = await canonicalTables(store.database);
      const [session = ""] = await sessionsOf(store);
      const at = (instant: string): string =>
        `update session_summaries set first_event_at = '${instant}', last_event_at = '${instant}' where session_id = '${session}'`;

      for (const instant of ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z"]) {
        await typed(store.database, at(instant));
        const job = await rebuilt(store, "rebuild_summaries");
        t.match(job, { rows_updated: 1, processed: job.total }, instant);
        t.same(await canonicalTables(store.database), fresh, instant);
      }
      const outside =
        engine.dialect === "sqlite" ? ["", "0000-12-31", "9999-12-31T24"] : ["infinity", "-infinity"];
      for (const instant of outside) await t.rejects(typed(store.database, at(instant)), instant);
    });

    await t.test(
      "a page that is told to be right twice counts once, and none moves a job back",
      async (t) => {
        const { database } = await storeOfSessions(t, engine, 20);
        const how = { batchSize: 5, actor: "test" };
        const opened = await openJob(database, "rebuild_summaries", everything, how);
        const { fence } = await takeLease(database, opened.job_id);
        const tell = async (phase: string, upTo: number): Promise<unknown> => {
          const values = `${opened.job_id}, ${fence}, '${phase}', ${upTo}, 5`;
          return typed(
            database,
            engine.dialect === "sqlite"
              ? `insert into advance_job (job_id, fence, phase, up_to_id, session_count) values (${values})`
              : `select advance_job(${values})`,
          );
        };
        await tell("missing", 0);
        const upTo = opened.cursor + 5;

        await tell("sessions", upTo);
        await tell("sessions", upTo);
        await tell("sessions", upTo - 2);

        t.match(await jobOf(database, opened.job_id), { cursor: upTo, processed: 5 });
      },
    );

    await t.test(
      "a session that nobody knows is an error, and a cancelled rebuild is not done",
      async (t) => {
        const store = await storeOfSessions(t, engine, 20);
        const [session = ""] = await sessionsOf(store);
        await t.resolves(checkSession(store.database, session));
        const unknown = await cowriedb(["rebuild", "summaries", "--session", "nosuch", "--db", store.db]);
        t.equal(unknown.code, 64, unknown.stderr);
        t.match(unknown.stderr, /no session nosuch/);

        await spoilAll(store);
        const paused = await stoppedRebuild(store, 5);
        await typed(store.database, `update jobs set state = 'paused' where job_id = ${paused.job_id}`);
        const running = cowriedb(["rebuild", "summaries", "--db", store.db]);
        while ((await jobOf(store.database, paused.job_id)).worker === null)
          await new Promise((resolve) => setTimeout(resolve, 20));
        await cowriedb(["jobs", "cancel", String(paused.job_id), "--db", store.db]);
        t.equal((await running).code, 22);
      },
    );
  });
}

void t.test("rows that have got other numbers begin a rebuild anew, be there a gap or not", async (t) => {
  for (const engine of engines().filter(({ dialect }) => dialect === "sqlite")) {
    const store = await storeOfSessions(t, engine, 300);
    const { database } = store;
    const fresh = await canonicalTables(database);
    const how = { batchSize: 5, actor: "test" };
    await typed(database, "update session_summaries set rowid = rowid + 500 where rowid > 80");
    const opened = await openJob(database, "rebuild_summaries", everything, how);
    const { fence } = await takeLease(database, opened.job_id);
    const lease = { database, jobId: opened.job_id, fence };
    await advance(database, lease, "missing", 0);

    const { up_to_id: upTo } = await one(database, jobsNextPiece, { after_id: 0, page_size: 100 });
    t.equal(upTo, 80, "a piece ends with a session, not in the gap");
    await advance(database, lease, "sessions", upTo ?? 0);
    await releaseJob(lease);
    await typed(database, "update session_summaries set rowid = rowid + 1000");
    await typed(database, "update session_summaries set rowid = rowid - 1500 where rowid > 1500");
    await typed(database, "update session_summaries set event_count = event_count + 1 where rowid < 90");
    const job = await rebuilt(store, "rebuild_summaries");

    t.match(job, { job_id: opened.job_id, state: "done", restarts: 1 });
    t.same(await canonicalTables(database), fresh);
  }
});
