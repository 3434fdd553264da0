import t from "tap";
import { openJob } from "../../src/jobs/jobs.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import { everything, newestJob, sessionsOf, storeOfSessions, until } from "../helpers/jobs.ts";
import { openPlain, type Plain } from "../helpers/plain.ts";

const options = { batchSize: null, stop: { requested: false } };

/** Has whoever compares sessions take seconds, until the function that it gives is called. */
async function slowReaders(store: TestStore, plain: Plain): Promise<() => Promise<void>> {
  if (plain.dialect === "postgres") {
    await plain.run("begin");
    await plain.run("lock table ~raw_events in access exclusive mode");
    return async () => plain.run("commit");
  }
  const [view] = await typed(
    store.database,
    "select sql from sqlite_schema where name = 'session_comparisons'",
  );
  const text = String(view?.["sql"]);
  const body = text.slice(text.search(/\bas\b/i) + 2);
  await plain.run("drop view session_comparisons");
  await plain.run(
    `create view session_comparisons as select * from (${body}) where (
       select max(n) from (with recursive c(n) as (select 1 union all select n + 1 from c where n < 4000000) select n from c)
     ) > 0`,
  );
  return async () => {
    await plain.run("drop view session_comparisons");
    await plain.run(text);
  };
}

/** What is open on a store beside the one who asks: transactions, or a log that cannot be emptied. */
async function heldOn(plain: Plain): Promise<unknown> {
  if (plain.dialect === "sqlite") return (await plain.rows("pragma wal_checkpoint(truncate)"))[0];
  const rows = await plain.rows(
    `select state, query from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and (state <> 'idle' or xact_start is not null)`,
  );
  return rows;
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a worker lives while its readers take long", async (t) => {
      const store = await storeOfSessions(t, engine, 50);
      const plain = openPlain(store);
      t.teardown(plain.close);
      const release = await slowReaders(store, plain);
      const job = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 1_000,
        actor: "test",
      });
      const work = runJob(store.database, job, options);
      const beats = new Map<string, Set<unknown>>();
      await until("it beats again, and again, at one place", async () => {
        const { phase, cursor, heartbeat_at: beat } = await newestJob(store);
        const place = `${String(phase)} ${String(cursor)}`;
        beats.set(place, (beats.get(place) ?? new Set()).add(beat));
        return (beats.get(place)?.size ?? 0) > 2;
      });
      await release();
      const done = await work;

      t.match(done, { state: "done", processed: (await sessionsOf(store)).length });
    });

    await t.test("while a job is paused its readers read nothing and hold nothing", async (t) => {
      const store = await storeOfSessions(t, engine, 9_000, 18_000);
      const plain = openPlain(store);
      t.teardown(plain.close);
      const job = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 1_000,
        actor: "test",
      });
      let isAsked = false;
      const work = runJob(store.database, job, {
        ...options,
        onProgress: ({ phase, state }) => {
          if (isAsked || phase !== "sessions" || state !== "running") return;
          isAsked = true;
          void plain.run("update ~jobs set state = 'paused'");
        },
      });
      await until("it is paused", async () => (await newestJob(store))["state"] === "paused");
      // What was asked before is answered; the worker itself looks now and then whether it may go on.
      const nothing = engine.dialect === "sqlite" ? { busy: 0, log: 0, checkpointed: 0 } : [];
      const seen = await until("nothing is held", async () => {
        const held = await heldOn(plain);
        return JSON.stringify(held) === JSON.stringify(nothing) && [held];
      });
      const before = await newestJob(store);
      await plain.run("update ~jobs set state = 'running'");
      const done = await work;

      t.same(seen, [nothing]);
      t.ok(Number(before["cursor"]) < Number(before["last_cursor"]), "it was paused on its way");
      t.match(done, { state: "done", rows_updated: 0 });
    });
  });
}
