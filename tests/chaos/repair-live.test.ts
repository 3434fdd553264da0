import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { cowriedb, scaled } from "../helpers/cli.ts";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { reconciled, spreadLines } from "../helpers/drift.ts";
import { logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { started, until } from "../helpers/jobs.ts";

const lines = spreadLines(Math.max(1_500, scaled(10_000)), 29, 150);
const pieceLines = 50;

for (const engine of engines()) {
  await t.test(`repairs go on beside a load (${engine.name})`, async (test) => {
    const store = await freshStore(engine);
    test.teardown(store.dispose);
    const folder = mkdtempSync(join(tmpdir(), "cowriedb-repair-"));
    test.teardown(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const log = join(folder, "cowrie.json");
    writeFileSync(log, logOf(lines.slice(0, 500)));
    test.equal((await cowriedb(["ingest", "delta", folder, "--db", store.db])).code, 0);
    const loader = started(test, ["ingest", "delta", folder, "--follow", "--db", store.db]);
    let isLoaded = false;

    const [found] = await Promise.all([
      repairedAgainAndAgain(store, () => isLoaded),
      spoil(store, () => isLoaded),
      grow(log).then(async () => {
        await until("all is loaded", async () => (await recordsOf(store)) === lines.length);
        isLoaded = true;
      }),
    ]);
    loader.child.kill("SIGTERM");
    const ended = await loader.ended;
    await cowriedb(["reconcile", "--repair", "--max-repair", "1000", "--db", store.db]);
    const last = await reconciled(store.database, "full");

    test.equal(ended.code, 143, ended.stderr);
    test.notMatch(`${ended.stderr}${found.said}`, /locked|deadlock/);
    test.ok(found.applied > 0, `${found.runs} runs repaired ${found.applied} sessions`);
    test.equal(found.failed, 0, "what was repaired was right when it was proved again");
    test.same([last.exit, last.findings.length], [0, 0]);
    test.same(differing(await contentsOf(store.database), await loadedAtOnce(engine)), []);
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

async function grow(log: string): Promise<void> {
  for (let at = 500; at < lines.length; at += pieceLines) {
    appendFileSync(log, logOf(lines.slice(at, at + pieceLines)));
    await sleep(150);
  }
}

async function recordsOf(store: TestStore): Promise<number> {
  const [row] = await typed(store.database, "select sum(records_read) as n from ingest_batches");
  return Number(row?.["n"]);
}

async function loadedAtOnce(engine: Engine): Promise<Contents> {
  const store = await freshStore(engine);
  try {
    await loadInProcess(store.database, "cowrie.json", logOf(lines), [1_000]);
    return await contentsOf(store.database);
  } finally {
    await store.dispose();
  }
}
