import { spawn, type ChildProcess } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { canonicalEvents, canonicalTables } from "../helpers/canonical.ts";
import { cowriedb, isNightly, program, scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadContents } from "../helpers/load.ts";
import { randomNumbers } from "../helpers/random.ts";

// A log is written in pieces, rotated at random, and the follower or the pass that reads it is killed at random.
// Together with kill.test.ts a nightly run makes 1,000 kills, a normal run 100; follow-hour.test.ts writes a whole hour.

const seed = 20_261_122;
const linesPerKill = isNightly ? 1_800 : 250;
const random = randomNumbers(seed);

for (const engine of engines()) {
  const kills = engine.dialect === "sqlite" ? scaled(400) : scaled(50);
  void t.test(`a follower killed ${kills} times beside a rotating log (${engine.name})`, async (t) => {
    t.comment(`seed ${seed}`);
    const lines = generatedLines(kills * linesPerKill, seed, 500);
    const store = await freshStore(engine);
    const base = mkdtempSync(join(tmpdir(), "cowriedb-follow-kill-"));
    t.teardown(async () => {
      await store.dispose();
      rmSync(base, { recursive: true, force: true });
    });
    const folder = join(base, "logs");
    mkdirSync(folder);
    let rotations = 0;
    let within = 0;

    for (let kill = 0; kill < kills; kill++) {
      const part = lines.slice(kill * linesPerKill, (kill + 1) * linesPerKill);
      const isFollower = kill % 4 !== 3;
      const child = startReading(store, folder, isFollower ? ["--follow"] : []);
      const killed = isFollower ? killedAtWork(child) : killedAfter(child, 300 + random() * 500);
      rotations += await writeInPieces(folder, part);
      await killed;
      const read = await recordsRead(store);
      if (read > 0 && read < (kill + 1) * linesPerKill) within++;
    }
    const last = await cowriedb(["ingest", "delta", folder, "--db", store.db, "--json"]);

    t.equal(last.code, 0, last.stderr);
    t.comment(`${rotations} rotations; after ${within} kills a part of what was written was read`);
    t.ok(within > 0, "a kill fell in the middle of the work");
    t.equal(await recordsRead(store), lines.length, "every line is read once");
    t.same(await contents(store), await undisturbed(engine, lines), "the tables are those of one load");
  });
}

function startReading(store: TestStore, folder: string, more: readonly string[]): ChildProcess {
  const words = ["ingest", "delta", folder, ...more, "--poll-interval", "100", "--db", store.db];
  return spawn(process.execPath, [program, ...words], { stdio: ["ignore", "ignore", "pipe"] });
}

/** Kills a follower a moment after it has begun to follow. */
async function killedAtWork(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.stderr?.on("data", (text: Buffer) => {
      if (text.includes("Following")) resolve();
    });
  });
  await killedAfter(child, random() * 250);
}

async function killedAfter(child: ChildProcess, ms: number): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  await ended;
  clearTimeout(timer);
}

/** Appends lines in pieces that end anywhere, with rotations between; gives how many rotations. */
async function writeInPieces(folder: string, lines: readonly string[]): Promise<number> {
  const path = join(folder, "cowrie.json");
  let bytes = logOf(lines);
  let rotations = 0;
  while (bytes.length > 0) {
    const size = random() < 0.02 ? bytes.length : Math.ceil(random() * 16_000);
    const piece = bytes.subarray(0, size);
    bytes = bytes.subarray(piece.length);
    appendFileSync(path, piece);
    const isLineEnd = piece.at(-1) === 0x0a;
    if (isLineEnd && random() < 0.3) {
      renameSync(path, join(folder, `cowrie.json.${String(Date.now())}${String(rotations++)}`));
      if (random() < 0.5) writeFileSync(path, "");
    }
    await new Promise((resolve) => setTimeout(resolve, random() * 100));
  }
  if (!existsSync(path)) writeFileSync(path, "");
  return rotations;
}

async function recordsRead({ database }: TestStore): Promise<number> {
  const [row] = await typed(database, "select coalesce(sum(records_read), 0) as n from ingest_batches");
  return Number(row?.["n"]);
}

async function contents({ database }: TestStore): Promise<Record<string, string[]>> {
  return { ...(await canonicalTables(database)), raw_events: await canonicalEvents(database) };
}

async function undisturbed(engine: Engine, lines: readonly string[]): Promise<Record<string, string[]>> {
  const store = await freshStore(engine);
  try {
    await loadContents(store.database, [
      { name: "cowrie.json.2026-01-05", content: logOf(lines).toString() },
    ]);
    return await contents(store);
  } finally {
    await store.dispose();
  }
}
