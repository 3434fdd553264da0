import t from "tap";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { spreadStore } from "../helpers/drift.ts";
import { slowDown } from "../helpers/jobs.ts";
import { atMs, onceReached, runAndKill, type Killer } from "../helpers/kill.ts";
import { openPlain } from "../helpers/plain.ts";
import { randomNumbers } from "../helpers/random.ts";

const all = engines();
const random = randomNumbers(20_261_121);

for (const engine of all) {
  const kills = shareOf(100, engine, all, 3);
  await t.test(
    `a reconciliation killed and taken up is an uninterrupted one; ${kills} kills (${engine.name})`,
    async (test) => {
      const whole = await drifted(engine);
      const began = performance.now();
      const outcome = await cowriedb(["reconcile", "--db", whole.db]);
      const wholeMs = performance.now() - began;
      const expected = await outcomeOf(whole);
      test.equal(outcome.code, 20, outcome.stderr);
      await whole.dispose();

      let within = 0;
      for (let done = 0; done < kills;) {
        const store = await drifted(engine);
        try {
          while (
            done < kills &&
            (await runAndKill(["reconcile", "--db", store.db], killerOf(store, done, wholeMs), [20]))
          ) {
            done++;
            const { steps, ended } = await progressOf(store);
            if (steps > 0 && ended === 0) within++;
            // Killed behind its end: the next one would be another run.
            if (ended > 0) break;
          }
          const last = await cowriedb(["reconcile", "--db", store.db]);
          test.equal(last.code, 20, last.stderr);
          const found = await outcomeOf(store);
          // Where the last kill came too late there were two runs; what they proved is the same.
          test.same(found, expected);
        } finally {
          await store.dispose();
        }
      }
      test.ok(within > 0, `${within} of ${kills} kills fell between the first range and the end`);
    },
  );
}

/** When to kill: after a time, or once more steps are done, in turn. */
function killerOf(store: TestStore, turn: number, wholeMs: number): Killer {
  if (turn % 2 === 0) return atMs(wholeMs * (0.4 + 0.6 * random()));
  return onceReached(async () => (await progressOf(store)).steps > 0);
}

async function progressOf(store: TestStore): Promise<{ steps: number; ended: number }> {
  const [run] = await typed(
    store.database,
    "select max(j.cursor) as steps, count(r.finished_at) as ended from reconcile_runs as r join jobs as j on j.job_id = r.job_id",
  );
  return { steps: Number(run?.["steps"] ?? 0), ended: Number(run?.["ended"]) };
}

/** A store with a difference in it, of which a reconciliation takes a while from its first step to its end. */
async function drifted(engine: Engine): Promise<TestStore> {
  const store = await spreadStore(engine, 600, 80);
  await typed(
    store.database,
    "update session_summaries set risk_score = 99 where session_id = (select max(session_id) from session_summaries where session_id < 'f')",
  );
  const plain = openPlain(store);
  await slowDown(plain, 100, "reconcile_runs");
  await plain.close();
  return store;
}

async function outcomeOf(store: TestStore): Promise<unknown> {
  const buckets = await typed(
    store.database,
    "select day, range_number, sessions, events, digest from reconcile_buckets order by day, range_number",
  );
  const findings = await typed(
    store.database,
    "select class, table_name, session_id, item, column_name, stored, expected, state from reconcile_findings order by session_id, class, column_name",
  );
  const [pending] = await typed(store.database, "select count(*) as n from reconcile_pending_buckets");
  return JSON.parse(JSON.stringify({ buckets, findings, pending: Number(pending?.["n"]) })) as unknown;
}
