import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { cowriedb } from "../helpers/cli.ts";
import { damage } from "../helpers/damage.ts";
import { engines, freshStore, typed, type TestStore } from "../helpers/database.ts";
import {
  newestJob,
  pausedJob,
  setSetting,
  slowDown,
  spoilAll,
  started,
  storeOfSessions,
  until,
  workerOf,
} from "../helpers/jobs.ts";
import { openPlain } from "../helpers/plain.ts";

const rebuild = ["rebuild", "summaries", "--quiet", "--db"];

async function resume(store: TestStore): Promise<void> {
  await typed(store.database, "update jobs set state = 'running' where state = 'paused'");
}

async function wrong(store: TestStore): Promise<number> {
  const [row] = await typed(
    store.database,
    "select count(*) as n from session_summaries where event_count >= 1000",
  );
  return Number(row?.["n"]);
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test(
      "of two programs that are started at once one works, and the other ends with 75",
      async (t) => {
        const store = await storeOfSessions(t, engine, 60);
        await damage(store, 3);
        await pausedJob(store, 5);
        const both = [1, 2].map(() => started(t, [...rebuild, store.db, "--json"]));

        const first = await Promise.race(both.map(async ({ ended }) => ended));
        t.equal(first.code, 75, first.stderr);
        t.match(JSON.parse(first.stdout), {
          error: { code: "jobs.taken", hint: /jobs show --db .* 1;.*job_lease_seconds/ },
        });
        await resume(store);
        const codes = (await Promise.all(both.map(async ({ ended }) => ended))).map(({ code }) => code);

        t.same(
          codes.sort((a, b) => (a ?? 0) - (b ?? 0)),
          [0, 75],
        );
        t.match(await newestJob(store), { state: "done", worker: null, fence: /^1$/ });
      },
    );

    await t.test(
      "the work of a program that was killed elsewhere is taken over once its lease has ended",
      async (t) => {
        const store = await storeOfSessions(t, engine, 60);
        const fresh = await canonicalTables(store.database);
        await spoilAll(store);
        await setSetting(store, "job_lease_seconds", 600);
        await pausedJob(store, 5);
        const { child, ended } = started(t, [...rebuild, store.db]);
        const worker = await workerOf(store);
        child.kill("SIGKILL");
        await ended;
        // Of another machine nobody knows whether the program lives.
        await typed(store.database, "update jobs set worker = 'elsewhere:1:x'");

        const early = await cowriedb([...rebuild, store.db]);
        t.match(early, {
          code: 75,
          stderr: /Another worker is at job 1\..*\n +Run: cowriedb jobs show --db .* 1/,
        });
        await setSetting(store, "job_lease_seconds", 5);
        await resume(store);
        const later = await until("the lease ends", async () => {
          const outcome = await cowriedb([...rebuild, store.db]);
          return outcome.code !== 75 && outcome;
        });

        t.equal(later.code, 0, later.stderr);
        t.not((await newestJob(store))["worker"], worker);
        t.same(await canonicalTables(store.database), fresh);
      },
    );

    await t.test("the work of a program that was killed on this machine is taken over at once", async (t) => {
      const store = await storeOfSessions(t, engine, 60);
      const fresh = await canonicalTables(store.database);
      await spoilAll(store);
      await setSetting(store, "job_lease_seconds", 600);
      await pausedJob(store, 5);
      const { child, ended } = started(t, [...rebuild, store.db]);
      await workerOf(store);
      child.kill("SIGKILL");
      await ended;
      await resume(store);

      const next = await cowriedb([...rebuild, store.db]);

      t.equal(next.code, 0, next.stderr);
      t.match(await newestJob(store), { job_id: /^1$/, state: "done", fence: /^2$/ });
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test("a program that was stopped and taken over writes nothing when it wakes", async (t) => {
      const store = await storeOfSessions(t, engine, 60);
      const fresh = await canonicalTables(store.database);
      await spoilAll(store);
      await setSetting(store, "job_lease_seconds", 5);
      await pausedJob(store);
      const sleeper = started(t, [...rebuild, store.db]);
      const first = await workerOf(store);
      sleeper.child.kill("SIGSTOP");
      await typed(store.database, "update jobs set heartbeat_at = '2026-01-01T00:00:00.000000Z'");
      const heir = started(t, [...rebuild, store.db]);
      await workerOf(store, first);
      heir.child.kill("SIGSTOP");
      const before = await wrong(store);

      sleeper.child.kill("SIGCONT");
      await resume(store);
      const woken = await sleeper.ended;

      t.match(woken, { code: 75, stderr: /Another worker is at job 1/ });
      t.equal(await wrong(store), before, "nothing was written");
      t.match(await newestJob(store), { state: "running", processed: /^0$/, fence: /^2$/, error: null });
      heir.child.kill("SIGCONT");
      t.equal((await heir.ended).code, 0);
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test("pause, resume and cancel are obeyed by a program within one batch", async (t) => {
      const store = await storeOfSessions(t, engine, 500);
      await spoilAll(store);
      const plain = openPlain(store);
      t.teardown(plain.close);
      await slowDown(plain);
      const folder = t.testdir({});
      const opened = await pausedJob(store);
      const words = ["--batch-size", "1", "--status-dir", folder];
      const run = started(t, [...rebuild, store.db, ...words]);
      await workerOf(store);
      const tell = async (word: string): Promise<void> => {
        const outcome = await cowriedb(["jobs", word, "1", "--db", store.db]);
        t.equal(outcome.code, 0, outcome.stderr);
      };
      const seen = (): Record<string, unknown> => statusIn(folder);
      t.match(await until("the file says so", async () => seen()["state"] === "paused" && seen()), {
        state: "paused",
        phase: "missing",
        current: 0,
        total: opened.total,
      });

      await tell("resume");
      await until("some sessions are done", async () => Number((await newestJob(store))["processed"]) >= 3);
      await tell("pause");
      const [held, then] = [await newestJob(store), await newestJob(store)];
      t.equal(held["state"], "paused");
      t.same(then["processed"], held["processed"]);
      t.ok(Number(held["processed"]) < opened.total);
      await until("the file says so", async () => seen()["state"] === "paused");
      t.match(seen(), { phase: "sessions", current: Number(held["processed"]), total: opened.total });

      await plain.run("update ~jobs set state = 'running', batch_size = 50");
      await until(
        "a batch is larger",
        async () => Number((await newestJob(store))["processed"]) >= Number(held["processed"]) + 2,
      );
      await tell("cancel");
      const more = Number((await newestJob(store))["processed"]) - Number(held["processed"]);
      t.ok(more >= 50, `${more} sessions in large batches`);

      const outcome = await run.ended;
      t.equal(outcome.code, 22, outcome.stderr);
      t.match(await newestJob(store), { state: "cancelled", worker: null });
      t.match(seen(), { state: "cancelled" });
      t.match(await cowriedb(["jobs", "resume", "1", "--db", store.db]), {
        code: 1,
        stderr: /Job 1 has ended/,
      });
    });

    await t.test("hooks hear that a rebuild begins, ends and fails", async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const folder = t.testdir({ "tell.sh": `cat >> "$0.said"; printf '\\036' >> "$0.said"\n` });
      const hook = `/bin/sh ${join(folder, "tell.sh")}`;
      const heard = (): unknown[] =>
        readFileSync(join(folder, "tell.sh.said"), "utf8")
          .split("\u001e")
          .filter((text) => text !== "")
          .map((line) => JSON.parse(line) as unknown);

      t.equal((await cowriedb([...rebuild, store.db, "--hook", hook])).code, 0);
      await typed(store.database, `drop view session_items${engine.dialect === "sqlite" ? "" : " cascade"}`);
      const failed = await cowriedb([...rebuild, store.db, "--hook", hook]);

      t.equal(failed.code, 1, failed.stderr);
      t.match(heard(), [
        { event: "job.started", kind: "rebuild_summaries", job_id: 1 },
        {
          event: "job.finished",
          kind: "rebuild_summaries",
          job_id: 1,
          exit_code: 0,
          counts: { processed: 0 },
        },
        { event: "job.started", job_id: 2 },
        { event: "job.failed", job_id: 2, exit_code: 1, error: { code: "db.failed" } },
      ]);
      t.match(await newestJob(store), { state: "failed", failed_batches: /^0$/, error: /^db\.failed: / });
    });
  });
}

/** The one status file of a folder. */
function statusIn(folder: string): Record<string, unknown> {
  const [name] = readdirSync(folder).filter((entry) => /^rebuild_summaries-\d+\.json$/.test(entry));
  return name === undefined
    ? {}
    : (JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>);
}
