import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { contentsOf, differing, type Contents } from "../helpers/contents.ts";
import { cowriedb, isNightly, scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { atMs, onceReached, runAndKill } from "../helpers/kill.ts";
import { randomNumbers } from "../helpers/random.ts";

const seed = 20_261_121;
const linesPerFile = isNightly ? 1_500 : 600;
const folder = mkdtempSync(join(tmpdir(), "cowriedb-kill-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

const files = [1, 2, 3].map((number) => {
  const content = logOf(generatedLines(linesPerFile, number, 500));
  const path = join(folder, `cowrie.json.2026-02-0${number}${number === 2 ? ".gz" : ""}`);
  writeFileSync(path, number === 2 ? gzipSync(content) : content);
  return path;
});
const random = randomNumbers(seed);

for (const engine of engines()) {
  const kills = engine.dialect === "sqlite" ? scaled(500) : scaled(50);
  await t.test(
    `a load killed ${kills} times and resumed is an uninterrupted load (${engine.name})`,
    async (test) => {
      const whole = await uninterrupted(engine);
      test.comment(`seed ${seed}; a whole run takes ${Math.round(whole.ms)} ms`);
      let done = 0;
      let within = 0;
      let usualMs = whole.ms;
      while (done < kills) {
        const load = await killedLoad(engine, usualMs, kills - done);
        // A machine that has become faster would end most loads before they are killed.
        if (load.kills < 3) usualMs = Math.max(400, usualMs * 0.8);
        done += load.kills;
        within += load.within;
        test.same(differing(load.contents, whole.contents), [], `tables after ${load.kills} kills`);
        checkBatches(test, load.batches);
      }
      test.comment(`${within} of ${done} kills fell between the first batch and the last`);
      test.ok(within > 0, "a kill fell in the middle of the work");
    },
  );
}

type Batch = Record<string, unknown>;

async function uninterrupted(engine: Engine): Promise<{ contents: Contents; ms: number }> {
  const store = await freshStore(engine);
  try {
    const began = performance.now();
    const outcome = await cowriedb(wordsFor(store));
    const ms = performance.now() - began;
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return { contents: await contentsOf(store.database), ms };
  } finally {
    await store.dispose();
  }
}

/** One load from the first line to the last, killed again and again, at most so many times. */
async function killedLoad(
  engine: Engine,
  wholeMs: number,
  mostKills: number,
): Promise<{ contents: Contents; batches: Batch[]; kills: number; within: number }> {
  const store = await freshStore(engine);
  try {
    let kills = 0;
    let within = 0;
    // A load cut after its last batch has nothing to resume; what is left of the kills goes to the next load.
    for (let isDone = false; !isDone && kills < mostKills;) {
      // After a time, or once something more is read, in turn: a busy machine may need all the time to begin.
      const before = await recordsRead(store.database);
      const isTime =
        kills % 2 === 0
          ? atMs(150 + random() * Math.max(0, wholeMs - 150))
          : onceReached(async () => (await recordsRead(store.database)) > before);
      isDone = !(await runAndKill(wordsFor(store), isTime));
      if (isDone) break;
      kills++;
      const read = await recordsRead(store.database);
      if (read > 0 && read < files.length * linesPerFile) within++;
    }
    const last = await cowriedb(wordsFor(store));
    if (last.code !== 0) throw new Error(last.stderr);
    const batches = await typed(store.database, "select * from ingest_batches order by chain_position");
    return { contents: await contentsOf(store.database), batches, kills, within };
  } finally {
    await store.dispose();
  }
}

function wordsFor(store: TestStore): string[] {
  return ["ingest", "bulk", ...files, "--db", store.db, "--batch-size", isNightly ? "200" : "100"];
}

async function recordsRead(database: Database): Promise<number> {
  const [row] = await typed(database, "select coalesce(sum(records_read), 0) as n from ingest_batches");
  return Number(row?.["n"]);
}

function checkBatches(test: Test, batches: readonly Batch[]): void {
  const sum = (rows: readonly Batch[], name: string): number =>
    rows.reduce((total, row) => total + Number(row[name]), 0);
  const parts = ["events_accepted", "events_duplicate", "records_rejected", "records_skipped"];
  const bySource = new Map<unknown, Batch[]>();
  for (const batch of batches)
    bySource.set(batch["source_id"], [...(bySource.get(batch["source_id"]) ?? []), batch]);

  test.same(
    batches.map((batch) => Number(batch["chain_position"])),
    batches.map((_batch, index) => index + 1),
    "chain positions are gapless",
  );
  test.ok(
    batches.every((batch) => batch["sealed_at"] !== null),
    "every batch is sealed",
  );
  test.same(
    [...bySource.values()].map((rows) => sum(rows, "records_read")),
    files.map(() => linesPerFile),
    "every line of every file is read once",
  );
  test.equal(
    parts.reduce((total, name) => total + sum(batches, name), 0),
    files.length * linesPerFile,
    "the counts add up to the lines of the files",
  );
  const isJoined = (rows: readonly Batch[]): boolean =>
    rows.every(
      (row, index) =>
        Number(row["first_offset"]) === Number(index === 0 ? 0 : rows[index - 1]?.["end_offset"]),
    );
  test.ok([...bySource.values()].every(isJoined), "batches of a file lie end to end");
}
