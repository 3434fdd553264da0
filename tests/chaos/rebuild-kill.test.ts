import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { shareOf } from "../helpers/cli.ts";
import { differing, type Contents } from "../helpers/contents.ts";
import { damage } from "../helpers/damage.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { kinds, newestJob, setSetting, spoilAll, started, storeOfSessions } from "../helpers/jobs.ts";
import { openPlain, type Plain } from "../helpers/plain.ts";
import { randomNumbers } from "../helpers/random.ts";

const seed = 20_261_122;
const all = engines();
/** A batch of one session takes longer on a server. */
const sessions = { sqlite: 240, postgres: 80 };
/** Summaries as they are made for a session that lacks one, before they are filled. */
const blankRows =
  "select session_id from ~session_summaries where event_count = 0 and last_event_at < '1000-01-01T00:00:00.000000Z'";
const random = randomNumbers(seed);

for (const engine of all) {
  const each = shareOf(200, engine, all, 5);
  await t.test(
    `rebuilds that are killed ${each} times and go on give what a fresh load gives (${engine.name})`,
    async (test) => {
      test.comment(`seed ${seed}`);
      let [done, within] = [0, 0];
      for (let round = 0; done < each; round++) {
        const found = await killedRebuild(test, engine, round, each - done);
        done += found.kills;
        within += found.within;
      }
      test.comment(`${within} of ${done} kills left a job open`);
      test.ok(within > 0, "a kill fell in the middle of the work");
    },
  );
}

/** One damaged store, rebuilt by programs that are killed, at most so many times, until both rebuilds have ended. */
async function killedRebuild(
  test: Test,
  engine: Engine,
  round: number,
  mostKills: number,
): Promise<{ kills: number; within: number }> {
  const store = await storeOfSessions(test, engine, sessions[engine.dialect]);
  const fresh: Contents = await canonicalTables(store.database);
  await damage(store, round);
  await spoilAll(store);
  await setSetting(store, "job_lease_seconds", 5);
  const plain = openPlain(store);
  test.teardown(plain.close);
  let [kills, within] = [0, 0];
  for (const { kind, words } of kinds) {
    let isDone = false;
    for (; !isDone && kills < mostKills;) {
      isDone = !(await runAndKill(test, store, plain, words));
      if (isDone) break;
      kills++;
      const [job] = await typed(store.database, `select * from jobs where kind = '${kind}'`);
      if (job?.["state"] === "running") within++;
      if (job !== undefined) checkJob(test, job);
      // Nobody lives who could give a sign of it: the lease ends now and not in five seconds.
      await plain.run(
        "update ~jobs set heartbeat_at = '2026-01-01T00:00:00.000000Z' where state = 'running'",
      );
    }
    if (!isDone) {
      const last = await started(test, [...words, "--db", store.db, "--batch-size", "1"]).ended;
      test.equal(last.code, 0, last.stderr);
    }
    const job = await newestJob(store);
    checkJob(test, job);
    test.match(job, { kind, state: "done" });
    test.equal(Number(job["processed"]), Number(job["total"]), "each session is done once");
  }
  const again = await canonicalTables(store.database);
  test.same(differing(again, fresh), [], `tables after ${kills} kills`);
  return { kills, within };
}

function checkJob(test: Test, job: Record<string, unknown>): void {
  test.ok(
    Number(job["processed"]) <= Number(job["total"]),
    `${String(job["processed"])} of ${String(job["total"])}`,
  );
}

/** Starts a rebuild, kills it at some moment of its work while a reader looks; false where it had ended by then. */
async function runAndKill(
  test: Test,
  store: TestStore,
  plain: Plain,
  words: readonly string[],
): Promise<boolean> {
  const before = await progressOf(store);
  const { child, ended } = started(test, [...words, "--db", store.db, "--batch-size", "1"]);
  let isEnded = false;
  void ended.then(() => (isEnded = true));
  // The start of the program takes longer than its work: the clock runs from its first batch on.
  while (!isEnded && (await progressOf(store)) === before) await sleep(2);
  const until = performance.now() + random() * 120;
  do {
    test.same(await plain.rows(blankRows), [], "no blank row is seen");
    await sleep(5);
  } while (!isEnded && performance.now() < until);
  child.kill("SIGKILL");
  const { code, signal, stderr } = await ended;
  if (signal === null) test.equal(code, 0, stderr);
  return signal === "SIGKILL";
}

async function progressOf(store: TestStore): Promise<string> {
  const [row] = await typed(
    store.database,
    "select job_id, phase, session_cursor, processed from jobs order by job_id desc limit 1",
  );
  return JSON.stringify(row ?? null);
}
