import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { cowriedb } from "./cli.ts";
import { contentsOf, differing, type Contents } from "./contents.ts";
import { freshStore, typed, type Engine, type TestStore } from "./database.ts";
import { logOf } from "./generated-logs.ts";
import { loadInProcess } from "./in-process.ts";
import { started, until } from "./jobs.ts";

const firstLines = 500;
const pieceLines = 50;

/**
 * Lets `work` have its way with a store while a follower loads a log that grows; `isLoaded` says when all is. Gives the store,
 * what the work came to, and what the follower said.
 */
export async function besideLoad<T>(
  test: Test,
  engine: Engine,
  { lines, pauseMs }: { lines: readonly string[]; pauseMs: number },
  work: (store: TestStore, isLoaded: () => boolean) => Promise<T>,
): Promise<{ store: TestStore; found: T; said: string }> {
  const store = await freshStore(engine);
  test.teardown(store.dispose);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-live-"));
  test.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const log = join(folder, "cowrie.json");
  writeFileSync(log, logOf(lines.slice(0, firstLines)));
  test.equal((await cowriedb(["ingest", "delta", folder, "--db", store.db])).code, 0);
  const loader = started(test, ["ingest", "delta", folder, "--follow", "--db", store.db]);
  let isLoaded = false;
  const grow = async (): Promise<void> => {
    for (let at = firstLines; at < lines.length; at += pieceLines) {
      appendFileSync(log, logOf(lines.slice(at, at + pieceLines)));
      await sleep(pauseMs);
    }
    await until("all is loaded", async () => (await recordsOf(store)) === lines.length);
    isLoaded = true;
  };

  const [found] = await Promise.all([work(store, () => isLoaded), grow()]);
  loader.child.kill("SIGTERM");
  const ended = await loader.ended;
  test.equal(ended.code, 143, ended.stderr);
  return { store, found, said: ended.stderr };
}

async function recordsOf(store: TestStore): Promise<number> {
  const [row] = await typed(store.database, "select sum(records_read) as n from ingest_batches");
  return Number(row?.["n"]);
}

/** How a store differs from one that has loaded the same lines at once. */
export async function differingFromOneLoad(
  store: TestStore,
  engine: Engine,
  lines: readonly string[],
): Promise<ReturnType<typeof differing>> {
  return differing(await contentsOf(store.database), await loadedAtOnce(engine, lines));
}

async function loadedAtOnce(engine: Engine, lines: readonly string[]): Promise<Contents> {
  const store = await freshStore(engine);
  try {
    await loadInProcess(store.database, "cowrie.json", logOf(lines), [1_000]);
    return await contentsOf(store.database);
  } finally {
    await store.dispose();
  }
}
