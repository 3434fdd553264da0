import t from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { differing } from "../helpers/contents.ts";
import { damage } from "../helpers/damage.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { spreadStore } from "../helpers/drift.ts";
import { slowDown } from "../helpers/jobs.ts";
import { atMs, onceReached, runAndKill, type Killer } from "../helpers/kill.ts";
import { openPlain } from "../helpers/plain.ts";
import { randomNumbers } from "../helpers/random.ts";

const all = engines();
const words = ["reconcile", "--repair", "--max-repair", "1000"];
const random = randomNumbers(20_261_123);

for (const engine of all) {
  const kills = shareOf(200, engine, all, 3);
  await t.test(
    `repairs killed and taken up are uninterrupted ones; ${kills} kills (${engine.name})`,
    async (test) => {
      const whole = await damaged(engine);
      const began = performance.now();
      const outcome = await cowriedb([...words, "--db", whole.db]);
      const wholeMs = performance.now() - began;
      const expected = await outcomeOf(whole);
      const tables = await canonicalTables(whole.database);
      test.equal(outcome.code, 21, outcome.stderr);
      await whole.dispose();

      let within = 0;
      for (let done = 0; done < kills;) {
        const store = await damaged(engine);
        try {
          while (
            done < kills &&
            (await runAndKill([...words, "--db", store.db], killerOf(store, done, wholeMs), [0, 21]))
          ) {
            done++;
            const { repairs, open } = await stateOf(store);
            if (repairs > 0 && open > 0) within++;
          }
          const last = await cowriedb([...words, "--db", store.db]);
          test.ok(last.code === 21 || last.code === 0, last.stderr);
          test.same(differing(await canonicalTables(store.database), tables), []);
          test.same(await outcomeOf(store), expected);
        } finally {
          await store.dispose();
        }
      }
      test.ok(within > 0, `${within} of ${kills} kills fell between the first repair and the last proof`);
    },
  );
}

/** A store of which a third is wrong, and whose repair takes a while. */
async function damaged(engine: Engine): Promise<TestStore> {
  const store = await spreadStore(engine, 300, 40);
  await damage(store, 3);
  const plain = openPlain(store);
  await slowDown(plain, 15);
  await plain.close();
  return store;
}

async function stateOf(store: TestStore): Promise<{ repairs: number; open: number }> {
  const [row] = await typed(
    store.database,
    "select (select count(*) from repairs) as repairs, (select count(*) from repairable_findings) as open",
  );
  return { repairs: Number(row?.["repairs"]), open: Number(row?.["open"]) };
}

/** What was found, archived and proved. */
async function outcomeOf(store: TestStore): Promise<unknown> {
  const rows = async (text: string): Promise<unknown> => typed(store.database, text);
  return JSON.parse(
    JSON.stringify({
      buckets: await rows(
        "select day, range_number, sessions, events, digest from reconcile_buckets order by day, range_number",
      ),
      findings: await rows(
        "select class, table_name, session_id, item, column_name, stored, expected, state from reconcile_findings where class <> 'trigger_bypassed' order by session_id, class, table_name, item, column_name",
      ),
      repairs: await rows("select session_id, cause, after_line from repairs order by session_id"),
      archive: await rows(
        "select r.session_id, a.event_count, a.risk_score, a.first_event_at from repaired_summaries as a join repairs as r on r.repair_id = a.repair_id order by r.session_id",
      ),
      audited: await rows(
        "select row_key from audit_log where command = 'reconcile --repair' order by row_key",
      ),
    }),
  ) as unknown;
}

/** When to kill: after a time, or once a few more sessions are repaired, in turn. */
function killerOf(store: TestStore, turn: number, wholeMs: number): Killer {
  if (turn % 3 === 2) return atMs(wholeMs * (0.3 + 0.7 * random()));
  const more = 1 + Math.floor(random() * 6);
  return async (isOver) => {
    const { repairs } = await stateOf(store);
    await onceReached(async () => (await stateOf(store)).repairs >= repairs + more)(isOver);
  };
}
