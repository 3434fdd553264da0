import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { keepAlive, releaseJob } from "../../src/jobs/lease.ts";
import { takeRun } from "../../src/reconcile/lease.ts";
import { reconcileTaken, type Progress } from "../../src/reconcile/reconcile.ts";
import { undoRepairsOf } from "../../src/reconcile/undo.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { cowriedb } from "../helpers/cli.ts";
import { damage } from "../helpers/damage.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { finished, reconciled, spreadStore } from "../helpers/drift.ts";
import { newestJob, slowDown, spoilAll, started, until, workerOf } from "../helpers/jobs.ts";
import { openPlain, type Plain } from "../helpers/plain.ts";
import { derivedRows, repaired, repairsOf, sessionsOf, spoil } from "../helpers/repairs.ts";
import { warm } from "../helpers/warm.ts";

const nightly = { mode: "nightly" as const, toolVersion: "test", schemaVersion: "test", actor: "test" };

async function opened(test: Test, engine: Engine): Promise<{ store: TestStore; plain: Plain }> {
  const store = await spreadStore(engine, 400, 60);
  test.teardown(store.dispose);
  const plain = openPlain(store);
  test.teardown(plain.close);
  return { store, plain };
}

/** A job that is open and paused, so that a program that takes it waits. */
async function paused(store: TestStore, params: object, phase: string, steps: number): Promise<void> {
  await typed(
    store.database,
    `insert into jobs (kind, params, phase, last_cursor, total, actor)
     values ('reconcile', '${JSON.stringify(params)}', '${phase}', ${steps}, ${steps}, 'test')`,
  );
  await typed(
    store.database,
    "update jobs set state = 'paused' where job_id = (select max(job_id) from jobs)",
  );
}

async function countOf(store: TestStore, from: string): Promise<number> {
  const [row] = await typed(store.database, `select count(*) as n from ${from}`);
  return Number(row?.["n"]);
}

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("a run that is paused stops within a range, and comes to the same", async (t) => {
      const { store, plain } = await opened(t, engine);
      const taken = await takeRun(store.database, nightly);
      let asked = 0;
      let waits = 0;
      const onProgress = ({ done, state }: Progress): void => {
        if (state === "paused") waits++;
        else if (done >= 50 && asked++ === 0) void plain.run("update ~jobs set state = 'paused'");
      };
      const work = finished(taken, { onProgress });
      await until("it waits", async () => Promise.resolve(waits > 0));
      const held = await newestJob(store);
      await until("it waits on", async () => Promise.resolve(waits > 1));
      const then = await newestJob(store);
      await plain.run("update ~jobs set state = 'running'");
      const found = await work;
      const whole = await reconciled(store.database, "full");

      t.match(held, { kind: "reconcile", state: "paused", phase: "proving", total: /^257$/ });
      t.equal(then["cursor"], held["cursor"], "nothing is done meanwhile");
      t.not(then["heartbeat_at"], held["heartbeat_at"], "its worker lives");
      t.ok(Number(held["cursor"]) < 257, String(held["cursor"]));
      t.same([found.exit, found.is_stopped, found.run.job_id], [0, false, taken.jobId]);
      t.same([found.run.sessions, found.run.events], [whole.run.sessions, whole.run.events]);
      const [job] = await typed(store.database, `select * from jobs where job_id = ${taken.jobId}`);
      t.match(job, { state: "done", phase: "end", processed: /^257$/, worker: null, error: null });
    });

    await t.test("a run that is cancelled is given up, and the next one begins anew", async (t) => {
      const { store, plain } = await opened(t, engine);
      const taken = await takeRun(store.database, nightly);
      let isAsked = false;
      const cut = await finished(taken, {
        onProgress: ({ done }) => {
          if (done >= 50 && !isAsked)
            void plain.run("update ~jobs set state = 'cancelled', finished_at = created_at");
          isAsked ||= done >= 50;
        },
      });
      const next = await reconciled(store.database);

      t.same([cut.is_stopped, cut.exit, cut.certificate, cut.run.job_state], [true, 22, null, "cancelled"]);
      t.ok(cut.steps_left > 0);
      t.same([next.is_resumed, next.exit, next.run.job_id], [false, 0, taken.jobId + 1]);
      t.equal(await countOf(store, "reconcile_pending_buckets"), 0);
    });

    await t.test(
      "a worker whose lease has ended writes nothing more, though another mode runs",
      async (t) => {
        const { store, plain } = await opened(t, engine);
        const taken = await takeRun(store.database, nightly);
        await plain.run(
          "update ~jobs set worker = 'elsewhere:1:x', heartbeat_at = '2020-01-01T00:00:00.000000Z'",
        );
        const quick = await takeRun(store.database, { ...nightly, mode: "quick" });

        await t.rejects(reconcileTaken(taken, {}), { code: "reconcile.busy", exitCode: 75 });
        await t.rejects(undoRepairsOf(store.database, 1, "test"), { code: "reconcile.no_repairs" });
        t.equal(await countOf(store, "reconcile_pending_buckets"), 0);
        t.match(await newestJob(store), { job_id: String(quick.jobId), state: "running", fence: /^1$/ });
        const found = await finished(quick);
        t.equal(found.exit, 0);
        const taken2 = await reconciled(store.database);
        t.same([taken2.is_resumed, taken2.run.job_id, taken2.exit], [true, taken.jobId, 0]);
      },
    );

    if (engine.dialect === "postgres")
      await t.test("a worker gives signs of life while the server works, until it is relieved", async (t) => {
        const { store } = await opened(t, engine);
        const taken = await takeRun(store.database, nightly);
        const heart = async (): Promise<string> => String((await newestJob(store))["heartbeat_at"]);
        const first = await heart();

        const rest = keepAlive(taken);
        const later = await until("it beats", async () => {
          const now = await heart();
          return now !== first && now;
        });
        await rest();
        await typed(store.database, "update jobs set fence = fence + 1");
        const relieved = keepAlive(taken);
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        await relieved();

        t.not(later, first);
        t.equal(await heart(), later, "of a worker that was relieved nothing is heard");
      });

    await t.test(
      "a program waits for resume, keeps others away, and ends with the signal's code",
      async (t) => {
        const { store } = await opened(t, engine);
        await paused(store, { mode: "nightly", repair: false }, "proving", 257);
        const folder = t.testdir({});
        const words = ["reconcile", "--db", store.db];
        const status = (): Record<string, unknown> => statusIn(folder);

        const run = started(t, [...words, "--json", "--status-dir", folder]);
        await workerOf(store);
        const others = [
          await warm(words),
          await warm([...words, "--mode", "quick"]),
          await warm([...words, "--repair"]),
        ];
        await until("the file says so", async () => Promise.resolve(status()["state"] === "paused"));
        run.child.kill("SIGTERM");
        const ended = await run.ended;
        const again = started(t, words);
        await workerOf(store);
        again.child.kill("SIGINT");
        const interrupted = await again.ended;
        const other = await warm([...words, "--repair"]);
        const resumed = await warm(["jobs", "resume", "1", "--db", store.db]);
        const last = await warm([...words, "--json", "--status-dir", folder]);
        const list = await warm(["jobs", "list", "--db", store.db]);

        for (const { code, stderr } of others)
          t.match({ code, stderr }, { code: 75, stderr: /under way \(job 1 / });
        t.equal(ended.code, 143, ended.stderr);
        t.match(JSON.parse(ended.stdout), { job_id: 1, exit: 143, not_proved: { is_stopped: true } });
        t.match(interrupted, { code: 130, stdout: /Stopped with 257 steps left; the same command goes on/ });
        t.match(other, { code: 1, stderr: /other parameters; resume or cancel it/ });
        t.match(resumed, { code: 0, stdout: /Nobody works on it now\. Next: cowriedb reconcile --db .*\n/ });
        t.match(JSON.parse(last.stdout), { job_id: 1, run_id: 1, exit: 0, is_resumed: true });
        t.match(status(), { kind: "reconcile_nightly", job_id: 1, state: "done", exit_code: 0 });
        t.match(list.stdout, /1 +reconcile nightly +done +end +257 of 257/);
      },
    );

    await t.test("a signal while it repairs: 143, and the same command goes on", async (t) => {
      const { store, plain } = await opened(t, engine);
      const fresh = await canonicalTables(store.database);
      await spoilAll(store);
      await slowDown(plain);
      const words = ["reconcile", "--repair", "--max-repair", "1000", "--db", store.db];

      const run = started(t, words);
      await until("some are repaired", async () => (await repairsOf(store)) > 1);
      t.match(await newestJob(store), { phase: "repairing", params: /"repair": ?true/ });
      run.child.kill("SIGTERM");
      const ended = await run.ended;
      const some = await repairsOf(store);
      const next = await warm([...words, "--json"]);

      t.equal(ended.code, 143, ended.stderr);
      t.ok(some < 60, `${some} repairs`);
      t.equal(next.code, 21, next.stderr);
      t.match(JSON.parse(next.stdout), { is_resumed: true, repair: { applied: await repairsOf(store) } });
      t.same(await canonicalTables(store.database), fresh);
    });

    await t.test(
      "an undo takes the lease of reconciliations, and goes on where a signal stopped it",
      async (t) => {
        const { store } = await opened(t, engine);
        await spoil(store, await sessionsOf(store, 12));
        const before = await derivedRows(store);
        const { run } = await repaired(store);
        const words = ["reconcile", "undo", "1", "--confirm", "1", "--db", store.db];
        const taken = await takeRun(store.database, nightly);
        await t.rejects(undoRepairsOf(store.database, run.run_id, "test"), { code: "reconcile.busy" });
        await releaseJob(taken);
        await paused(store, { mode: "undo", run: run.run_id }, "undoing", 12);

        const undo = started(t, [...words, "--json"]);
        await workerOf(store);
        const others = [await warm(["reconcile", "--db", store.db]), await warm(words)];
        undo.child.kill("SIGTERM");
        const ended = await undo.ended;
        await typed(store.database, "update jobs set state = 'running' where state = 'paused'");
        const next = await warm([...words, "--json"]);
        const proved = await warm(["reconcile", "--db", store.db]);

        t.same(
          others.map(({ code }) => code),
          [75, 75],
        );
        t.equal(ended.code, 143, ended.stderr);
        t.match(JSON.parse(ended.stdout), { undone: 0, is_stopped: true });
        t.match(JSON.parse(next.stdout), { undone: 12, left: 0, is_stopped: false });
        t.same(await derivedRows(store), before);
        const [job] = await typed(store.database, "select * from jobs where phase = 'end' and total = 12");
        t.match(job, { state: "done", processed: /^12$/, worker: null });
        t.equal(proved.code, 20);
      },
    );

    await t.test("a rebuild and a run that repairs, at once, leave every row right", async (t) => {
      const { store, plain } = await opened(t, engine);
      const fresh = await canonicalTables(store.database);
      for (const seed of [3, 4, 5]) await damage(store, seed);
      await slowDown(plain, 5);

      const both = await Promise.all([
        cowriedb(["rebuild", "summaries", "--batch-size", "3", "--db", store.db]),
        cowriedb(["reconcile", "--repair", "--max-repair", "1000", "--db", store.db]),
        cowriedb(["rebuild", "command-stats", "--batch-size", "3", "--db", store.db]),
      ]);
      const last = await reconciled(store.database, "full");

      for (const { code, stderr } of both) {
        t.ok(code === 0 || code === 21, `${code} ${stderr}`);
        t.notMatch(stderr, /locked|deadlock/);
      }
      t.same([last.exit, last.findings.length], [0, 0]);
      t.same(await canonicalTables(store.database), fresh);
    });
  });
}

/** The one status file of a nightly run in a folder. */
function statusIn(folder: string): Record<string, unknown> {
  const name = readdirSync(folder).find((entry) => /^reconcile_nightly-1\.json$/.test(entry));
  return name === undefined
    ? {}
    : (JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>);
}
