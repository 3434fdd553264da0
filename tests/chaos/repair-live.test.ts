import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { cowriedb, scaled } from "../helpers/cli.ts";
import { engines, typed, type TestStore } from "../helpers/database.ts";
import { reconciled, spreadLines } from "../helpers/drift.ts";
import { besideLoad, differingFromOneLoad } from "../helpers/live.ts";

const lines = spreadLines(Math.max(1_500, scaled(10_000)), 29, 150);

for (const engine of engines()) {
  await t.test(`repairs go on beside a load (${engine.name})`, async (test) => {
    const { store, found, said } = await besideLoad(
      test,
      engine,
      { lines, pauseMs: 150 },
      async (live, isLoaded) => {
        const [repaired] = await Promise.all([repairedAgainAndAgain(live, isLoaded), spoil(live, isLoaded)]);
        return repaired;
      },
    );
    await cowriedb(["reconcile", "--repair", "--max-repair", "1000", "--db", store.db]);
    const last = await reconciled(store.database, "full");

    test.notMatch(`${said}${found.said}`, /locked|deadlock/);
    test.ok(found.applied > 0, `${found.runs} runs repaired ${found.applied} sessions`);
    test.equal(found.failed, 0, "what was repaired was right when it was proved again");
    test.same([last.exit, last.findings.length], [0, 0]);
    test.same(await differingFromOneLoad(store, engine, lines), []);
  });
}

/** Runs that repair, each a program of its own, until the load has ended. */
async function repairedAgainAndAgain(
  store: TestStore,
  isOver: () => boolean,
): Promise<{ runs: number; applied: number; failed: number; said: string }> {
  let [runs, applied, failed, said] = [0, 0, 0, ""];
  for (let isLast = false; !isLast; runs++) {
    isLast = isOver();
    const mode = runs % 2 === 0 ? "nightly" : "quick";
    const words = ["reconcile", "--repair", "--max-repair", "1000", "--mode", mode, "--json"];
    const run = await cowriedb([...words, "--db", store.db]);
    said += run.stderr;
    const { repair } = JSON.parse(run.stdout) as { repair: { applied: number; reverified: number } };
    applied += repair.applied;
    failed += repair.applied - repair.reverified;
  }
  return { runs, applied, failed, said };
}

/** Makes a few summaries wrong now and then, but not while a repair may be proved again. */
async function spoil(store: TestStore, isOver: () => boolean): Promise<void> {
  for (let round = 0; !isOver(); round++) {
    const running = await typed(
      store.database,
      "select (select count(*) from jobs where worker is not null) as n, (select count(*) from repairable_findings) as open",
    );
    if (Number(running[0]?.["n"]) === 0 && Number(running[0]?.["open"]) === 0)
      await typed(
        store.database,
        `update session_summaries set login_attempts = login_attempts + 100 where session_id in (select session_id from session_summaries order by session_id limit 3 offset ${(round * 3) % 60})`,
      );
    await sleep(50);
  }
}
