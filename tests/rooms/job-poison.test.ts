import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { openJob, failuresOf, type Job } from "../../src/jobs/jobs.ts";
import { runJob } from "../../src/jobs/loop.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import {
  cure,
  everything,
  newestJob,
  poison,
  sessionsOf,
  setSetting,
  slowDown,
  spoilAll,
  started,
  storeOfSessions,
  until,
} from "../helpers/jobs.ts";
import { openPlain, type Plain } from "../helpers/plain.ts";
import { warm } from "../helpers/warm.ts";

const words = "no \u001b[31mluck\u001b[0m, says the DBA";

function plainOf(test: Test, store: TestStore): Plain {
  const plain = openPlain(store);
  test.teardown(plain.close);
  return plain;
}

/** Rebuilds the summaries in this process; counts its batches, those that failed as well. */
async function rebuilt(store: TestStore, batchSize: number | null): Promise<{ job: Job; batches: number }> {
  const opened = await openJob(store.database, "rebuild_summaries", everything, {
    batchSize,
    actor: "test",
  });
  let looks = -1;
  const job = await runJob(store.database, opened, {
    batchSize,
    stop: { requested: false },
    onProgress: () => (looks += 1),
  });
  return { job, batches: looks };
}

/** The sessions whose summaries are still wrong. */
async function wrong(store: TestStore): Promise<string[]> {
  const rows = await typed(
    store.database,
    "select session_id from session_places where event_count >= 1000 order by summary_id",
  );
  return rows.map((row) => String(row["session_id"]));
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "sessions that fail are found by halves, named and left out; all others are rebuilt",
      async (t) => {
        const store = await storeOfSessions(t, engine, 300);
        const fresh = await canonicalTables(store.database);
        const plain = plainOf(t, store);
        await spoilAll(store);
        const { batches: least } = await rebuilt(store, 64);
        t.same(await canonicalTables(store.database), fresh);
        await spoilAll(store);
        const sessions = await sessionsOf(store);
        const bad = [0, 1, 77, 150, 151, sessions.length - 1].map((at) => sessions[at] ?? "");
        await poison(plain, bad, words);

        const { job, batches } = await rebuilt(store, 64);

        t.match(job, { state: "needs_attention", phase: "end", failed_batches: bad.length });
        t.equal(job.processed, job.total - bad.length);
        t.same(await wrong(store), bad);
        const failures = await failuresOf(store.database, job.job_id, 100);
        t.same(failures.map(({ session_id }) => session_id).sort(), [...bad].sort());
        for (const { error } of failures) t.ok(error.includes(words), error);
        // Each costs the batch that failed, six halvings of 64, the batch of one, and what its halves cut off.
        t.ok(batches - least <= bad.length * 9, `${batches} batches, ${least} without a session that fails`);

        await cure(plain);
        t.equal((await rebuilt(store, 64)).job.state, "done");
        t.same(await canonicalTables(store.database), fresh);
      },
    );

    await t.test(
      "a session whose events were broken behind the program's back is left out as well",
      async (t) => {
        const store = await storeOfSessions(t, engine, 120);
        const plain = plainOf(t, store);
        await spoilAll(store);
        const [, , bad = ""] = await sessionsOf(store);
        await breakEvents(plain, bad);

        const { job } = await rebuilt(store, 50);

        t.match(job, { state: "needs_attention", failed_batches: 1 });
        t.match(await failuresOf(store.database, job.job_id, 10), [{ session_id: bad, error: /./ }]);
        t.same(await wrong(store), [bad]);
      },
    );

    await t.test("the program tells of them with exit code 24, and shows no raw bytes", async (t) => {
      const store = await storeOfSessions(t, engine, 40);
      const plain = plainOf(t, store);
      await spoilAll(store);
      const [bad = ""] = await sessionsOf(store);
      await poison(plain, [bad], words);
      const folder = t.testdir({});

      const run = await warm(["rebuild", "summaries", "--db", store.db, "--status-dir", folder]);
      const show = await warm(["jobs", "show", "1", "--db", store.db]);
      const json = await warm(["jobs", "show", "1", "--json", "--db", store.db]);
      const list = await warm(["jobs", "list", "--db", store.db]);

      t.match(run, {
        code: 24,
        stdout: /1 session could not be done.*\\x1b\[31mluck.*cowriedb jobs show --db .* 1/s,
      });
      t.match(show, { code: 0, stdout: /needs_attention.*Left out.*\\x1b\[31mluck/s });
      t.match(JSON.parse(json.stdout), {
        state: "needs_attention",
        failed_batches: 1,
        failures: [{ session_id: bad, error: new RegExp(words.replaceAll("[", "\\[")) }],
      });
      t.match(list, { code: 0, stdout: /1 +rebuild_summaries +needs_attention/ });
      // oxlint-disable-next-line no-control-regex -- that is what is looked for
      for (const { stdout, stderr } of [run, show, list]) t.notMatch(stdout + stderr, /\u001b/);
    });

    await t.test("more than the settings allow stop the job, until they allow more", async (t) => {
      const store = await storeOfSessions(t, engine, 60);
      const plain = plainOf(t, store);
      await spoilAll(store);
      const bad = (await sessionsOf(store)).slice(3, 8);
      await poison(plain, bad, words);
      await setSetting(store, "job_failures", 3);
      const run = ["rebuild", "summaries", "--db", store.db, "--batch-size", "16"];

      const first = await warm(run);

      t.match(first, { code: 24, stdout: /has failed: too many sessions failed: .*\\x1b\[31mluck/ });
      t.match(await newestJob(store), {
        state: "failed",
        failed_batches: /^4$/,
        error: /too many sessions failed/,
      });
      t.ok((await wrong(store)).length > bad.length);
      await setSetting(store, "job_failures", 5);
      t.equal((await warm(run)).code, 24);
      t.match(await newestJob(store), { job_id: /^1$/, state: "needs_attention", failed_batches: /^5$/ });
      t.same(await wrong(store), bad);
    });

    await t.test(
      "a lost connection or a refused file blames no session, and the job goes on later",
      async (t) => {
        const store = await storeOfSessions(t, engine, 60);
        const fresh = await canonicalTables(store.database);
        await spoilAll(store);
        const plain = plainOf(t, store);
        const opened = await openJob(store.database, "rebuild_summaries", everything, {
          batchSize: 5,
          actor: "test",
        });
        if (engine.dialect === "sqlite") {
          const limit = 'ulimit -f 8 && exec "$0" "$@"';
          const cli = join(import.meta.dirname, "../../src/cli.js");
          const rebuild = [cli, "rebuild", "summaries", "--batch-size", "5", "--db", store.db, "--json"];
          const outcome = spawnSync("sh", ["-c", limit, process.execPath, ...rebuild], { encoding: "utf8" });
          t.equal(outcome.status, 1, outcome.stderr);
          t.match(JSON.parse(outcome.stdout), { error: { code: /^db\.(io|disk_full)$/ } });
        } else {
          await slowDown(plain);
          const before = await plain.rows(
            "select pid from pg_stat_activity where datname = current_database()",
          );
          const kept = before.map(({ pid }) => Number(pid)).join(", ");
          const { ended } = started(t, ["rebuild", "summaries", "--batch-size", "5", "--db", store.db]);
          await until(
            "some sessions are done",
            async () => Number((await newestJob(store))["processed"]) > 0,
          );
          for (let cuts = 0; cuts < 5; cuts++) {
            await plain.rows(
              `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid not in (${kept})`,
            );
            await sleep(150);
          }
          t.match(await ended, { stderr: /^$|connection|server/ });
          await setSetting(store, "job_lease_seconds", 5);
          await plain.run("drop trigger dba_slow on ~session_summaries");
        }

        t.match(await newestJob(store), { failed_batches: /^0$/ });
        t.same(await failuresOf(store.database, opened.job_id, 10), []);
        if (["failed", "running"].includes(String((await newestJob(store))["state"]))) {
          const later = await until("the lease ends", async () => {
            const outcome = await warm(["rebuild", "summaries", "--db", store.db]);
            return outcome.code !== 75 && outcome;
          });
          t.equal(later.code, 0, later.stderr);
        }
        t.match(await newestJob(store), { job_id: /^1$/, state: "done" });
        t.same(await canonicalTables(store.database), fresh);
      },
    );

    await t.test("the batch size follows the setting job_batch_ms, while the job runs", async (t) => {
      const store = await storeOfSessions(t, engine, 250);
      await spoilAll(store);
      const plain = plainOf(t, store);
      await slowDown(plain, 5);
      await setSetting(store, "job_batch_ms", 10);
      const opened = await openJob(store.database, "rebuild_summaries", everything, {
        batchSize: 4,
        actor: "test",
      });
      const sizes: number[] = [];

      await runJob(store.database, opened, {
        batchSize: null,
        stop: { requested: false },
        onProgress: (job) => {
          if (job.phase !== "sessions") return;
          sizes.push(job.batch_size);
          if (job.batch_size <= 20) void setSetting(store, "job_batch_ms", 10_000);
        },
      });

      const least = Math.min(...sizes);
      t.ok(least <= 20, `batches shrink to ${least}`);
      t.ok(Math.max(...sizes.slice(sizes.indexOf(least))) >= 2 * least, `and grow again: ${sizes.join(" ")}`);
    });
  });
}

/** Makes events of a session such that nothing can be derived from them, past every guard. */
async function breakEvents(plain: Plain, session: string): Promise<void> {
  const which = `where session_id = '${session.replaceAll("'", "''")}'`;
  if (plain.dialect === "sqlite") {
    await plain.run("drop trigger tr_raw_events_before_update");
    await plain.rows("pragma ignore_check_constraints = on");
    await plain.run(`update raw_events set occurred_at = 'broken ' || event_id ${which}`);
    return;
  }
  await plain.run("alter table ~raw_events disable trigger all");
  await plain.run("alter table ~raw_events alter column occurred_at drop not null");
  await plain.run(`update ~raw_events set occurred_at = null ${which}`);
}
