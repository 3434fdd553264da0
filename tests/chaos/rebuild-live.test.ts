import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { cowriedb, scaled } from "../helpers/cli.ts";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import { generatedLines } from "../helpers/generated-logs.ts";
import { kinds } from "../helpers/jobs.ts";
import { besideLoad, differingFromOneLoad } from "../helpers/live.ts";
import { openPlain } from "../helpers/plain.ts";

const lines = generatedLines(Math.max(1_500, scaled(10_000)), 23, 150);

/** Rows that are neither as they were spoiled nor as their events say, in one statement and so in one snapshot. */
const halves = `
  select c.session_id from ~check_session_summaries as c
  join ~session_summaries as s on s.session_id = c.session_id
  where s.event_count < 100000 and s.login_attempts < 100000
  union all
  select s.session_id from ~session_summaries as s
  where (s.event_count >= 100000 and s.login_attempts < 100000) or (s.event_count < 100000 and s.login_attempts >= 100000)`;

for (const engine of engines()) {
  void t.test(`${engine.name}: rebuilds go on beside a load, and nobody sees half a row`, async (t) => {
    const { store, found, said } = await besideLoad(
      t,
      engine,
      { lines, pauseMs: 100 },
      async (live, isLoaded) => {
        const [rebuilt] = await Promise.all([
          rebuiltAgainAndAgain(live, isLoaded),
          read(t, live, isLoaded),
          spoil(live, isLoaded),
        ]);
        return rebuilt;
      },
    );

    t.ok(found.runs >= 2, `${found.runs} rebuilds, ${found.changed} rows put right`);
    t.ok(found.changed > 0, "the rebuilds had something to do");
    t.notMatch(`${said}${found.said}`, /locked|deadlock/);
    t.same(found.codes, [0], found.said);
    for (const { words } of kinds) t.equal((await cowriedb([...words, "--db", store.db])).code, 0);
    t.same(await differingFromOneLoad(store, engine, lines), []);
  });
}

/** Both rebuilds, in turn, each as a program of its own, until the load has ended. */
async function rebuiltAgainAndAgain(
  store: TestStore,
  isOver: () => boolean,
): Promise<{ runs: number; changed: number; codes: (number | null)[]; said: string }> {
  const codes = new Set<number | null>();
  let [runs, changed, said] = [0, 0, ""];
  for (let isLast = false; !isLast; runs++) {
    isLast = isOver();
    const { words } = kinds[runs % kinds.length] ?? { words: [] };
    const run = await cowriedb([...words, "--batch-size", "20", "--db", store.db, "--json"]);
    codes.add(run.code);
    said += run.stderr;
    if (run.code === 0) changed += Number((JSON.parse(run.stdout) as { rows_updated: number }).rows_updated);
  }
  return { runs, changed, codes: [...codes], said };
}

async function read(test: Test, store: TestStore, isOver: () => boolean): Promise<void> {
  const plain = openPlain(store);
  test.teardown(plain.close);
  let looks = 0;
  for (; !isOver(); looks++) {
    const rows = await plain.rows(halves);
    if (rows.length > 0) test.same(rows, [], "no half row is seen");
    await sleep(20);
  }
  test.ok(looks > 5, `a reader has looked ${looks} times`);
}

/** Spoils one summary after the other, so that the rebuilds have something to write. */
async function spoil(store: TestStore, isOver: () => boolean): Promise<void> {
  for (let row = 1; !isOver(); row = (row * 7 + 3) % 149) {
    await typed(
      store.database,
      `update session_summaries set event_count = event_count + 100000, login_attempts = login_attempts + 100000
       where session_id = (select p.session_id from session_places as p where p.summary_id = ${row}) and event_count < 100000`,
    );
    await sleep(15);
  }
}
