import t, { type Test } from "tap";
import { jobsSetAside } from "../../src/sql/generated.ts";
import { many } from "../../src/sql/run.ts";
import { cowriedb, shareOf } from "../helpers/cli.ts";
import { engines, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { spreadStore } from "../helpers/drift.ts";
import { day, say } from "../helpers/inventory.ts";
import { slowDown } from "../helpers/jobs.ts";
import { atMs, onceReached, runAndKill, type Killer } from "../helpers/kill.ts";
import { openPlain } from "../helpers/plain.ts";
import { randomNumbers } from "../helpers/random.ts";

const seed = 20_261_122;
const random = randomNumbers(seed);
const all = engines();
const words = ["backfill", "snapshots", "--batch-size", "3"];

for (const engine of all) {
  const kills = shareOf(500, engine, all);
  await t.test(
    `a backfill killed ${kills} times and taken up is an uninterrupted one (${engine.name})`,
    async (test) => {
      test.comment(`seed ${seed}`);
      const whole = await store(engine);
      const began = performance.now();
      const outcome = await cowriedb([...words, "--db", whole.db]);
      const wholeMs = performance.now() - began;
      test.equal(outcome.code, 0, outcome.stderr);
      const expected = await outcomeOf(whole);
      await whole.dispose();

      let within = 0;
      for (let done = 0; done < kills;) {
        const round = await killedBackfill(test, engine, kills - done, wholeMs, expected);
        done += round.kills;
        within += round.within;
      }
      test.comment(`${within} of ${kills} kills left the backfill half done`);
      test.ok(within > 0, "a kill fell in the middle of the work");
    },
  );
}

for (const engine of all) {
  const fastKills = shareOf(30, engine, all);
  await t.test(
    `a fast backfill killed in its transaction leaves all as it was (${engine.name})`,
    async (test) => {
      // The way SQLite is slowed down takes a third of the time that it is told.
      const slowMs = engine.dialect === "sqlite" ? 30 : 10;
      const killed = await store(engine, slowMs);
      test.teardown(async () => killed.dispose());
      const fast = ["backfill", "snapshots", "--fast", "--db", killed.db];
      const before = await indexesOf(killed);
      test.ok(before.length >= 2, before.join(" "));
      const whole = await store(engine, slowMs);
      test.teardown(async () => whole.dispose());
      const outcome = await cowriedb([...fast.slice(0, -1), whole.db]);
      test.equal(outcome.code, 0, outcome.stderr);

      let open = 0;
      for (let kill = 0; kill < fastKills; kill++) {
        const fence = await fenceOf(killed);
        const isTime: Killer = async (isOver) => {
          await onceReached(async () => (await fenceOf(killed)) > fence)(isOver);
          await atMs(100 * random())(isOver);
        };
        if (!(await runAndKill(fast, isTime))) break;
        if ((await fenceOf(killed)) > fence) open++;
        test.equal((await progressOf(killed)).processed, 0, "nothing is half done");
        test.same(await indexesOf(killed), before, "no index is gone");
      }
      test.ok(open > 0, `${open} kills fell behind the begin of the job`);
      const last = await cowriedb(fast);
      test.equal(last.code, 0, last.stderr);
      test.same(await outcomeOf(killed), await outcomeOf(whole));
      test.same(await indexesOf(killed), before);
    },
  );
}

/** How many workers have had the job. */
async function fenceOf(of: TestStore): Promise<number> {
  const [job] = await typed(of.database, "select fence from jobs where kind = 'backfill_snapshots'");
  return Number(job?.["fence"] ?? 0);
}

async function indexesOf(of: TestStore): Promise<unknown[]> {
  return (await many(of.database, jobsSetAside, {})).map((row) => row.back_text);
}

/** A store of which one address in three is not known, and whose backfill takes a while. */
async function store(engine: Engine, slowMs = 2): Promise<TestStore> {
  const made = await spreadStore(engine, 400, 90);
  const seen = await typed(
    made.database,
    "select distinct source_ip from session_summaries where source_ip is not null order by source_ip",
  );
  await say(
    made,
    seen
      .filter((_row, index) => index % 3 > 0)
      .map((row, index) => ({
        ip_address: String(row["source_ip"]),
        enriched_at: day("2025-01-01"),
        asn: 64_500 + index,
      })),
  );
  const plain = openPlain(made);
  await slowDown(plain, slowMs);
  await plain.close();
  return made;
}

async function killedBackfill(
  test: Test,
  engine: Engine,
  mostKills: number,
  wholeMs: number,
  expected: unknown,
): Promise<{ kills: number; within: number }> {
  const killed = await store(engine);
  try {
    let [done, within] = [0, 0];
    while (
      done < mostKills &&
      (await runAndKill([...words, "--db", killed.db], await killerOf(killed, done, wholeMs)))
    ) {
      done++;
      const { processed, total } = await progressOf(killed);
      if (processed > 0 && processed < total) within++;
    }
    const last = await cowriedb([...words, "--db", killed.db]);
    test.equal(last.code, 0, last.stderr);
    test.same(await outcomeOf(killed), expected, `after ${done} kills`);
    return { kills: done, within };
  } finally {
    await killed.dispose();
  }
}

/** When to kill: after a time, or once a few more sessions are done, in turn. */
async function killerOf(killed: TestStore, turn: number, wholeMs: number): Promise<Killer> {
  if (turn % 3 === 2) return atMs(wholeMs * (0.3 + 0.7 * random()));
  const { processed } = await progressOf(killed);
  const more = processed + 1 + Math.floor(random() * 25);
  return onceReached(async () => (await progressOf(killed)).processed >= more);
}

async function progressOf(killed: TestStore): Promise<{ processed: number; total: number }> {
  const [job] = await typed(
    killed.database,
    "select processed, total from jobs where kind = 'backfill_snapshots' order by job_id limit 1",
  );
  return { processed: Number(job?.["processed"] ?? 0), total: Number(job?.["total"] ?? 0) };
}

/** The snapshots, and the counts of the first job: each session is filled once and by it. */
async function outcomeOf(of: TestStore): Promise<unknown> {
  const rows = await typed(
    of.database,
    "select session_id, snapshot_status, snapshot_asn, snapshot_job_id from session_summaries order by session_id",
  );
  const [job] = await typed(
    of.database,
    "select state, processed, total, rows_updated, failed_batches from jobs where kind = 'backfill_snapshots' order by job_id limit 1",
  );
  return JSON.parse(
    JSON.stringify({ rows, job }, (_key, value: unknown) =>
      typeof value === "bigint" ? Number(value) : value,
    ),
  );
}
