import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { line, program, startFollower } from "./following.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedLoad } from "./timed-load.ts";
import { timedRun } from "./timed-run.ts";

/**
 * `hydrate --cutover` beside a writer of 1,000 events a second, there and back: for how long nobody can write, and whether every event
 * that the writer's store has taken is in the other one. Usage: node dist/bench/cutover.js [postgres://… | FOLDER-OF-BINARIES] [FILE…]
 *
 * Without a file the store has about 50,000 events when it begins.
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    await onServer(server, async (url) =>
      inDatabase(url, "cutover", async (at) => {
        const store = join(folder, "store.sqlite");
        timedLoad(store, server.rest.length > 0 ? server.rest : writeDemoLogs(folder, smallest));
        await cutOver({ from: store, to: at }, join(folder, "there"));
        await cutOver({ from: at, to: join(folder, "back.sqlite") }, join(folder, "back"));
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sessions that make about 50,000 events. */
const smallest = 420;
const eventsPerSecond = 1_000;
const turnMs = 50;

interface Told {
  state: string;
  pause_ms: number;
  rows_copied: number;
  rows_followed: number;
  elapsed_ms: number;
  proof: { differences: number; derived_differences: number };
}

async function cutOver({ from, to }: { from: string; to: string }, logs: string): Promise<void> {
  const log = join(logs, "cowrie.json");
  const series = `cutover-${basename(logs)}`;
  mkdirSync(logs);
  timedRun(["init", "--db", to]);
  writeFileSync(log, line(0, "a", series));
  const follower = await startFollower(logs, from);
  const writer = startWriter(log, series);
  let told: Told;
  try {
    told = await copied(["hydrate", "--from", from, "--to", to, "--cutover", "--json", "--quiet"]);
  } finally {
    await writer.stop();
    if (isAlive(follower.pid)) await follower.stop();
  }
  const { differences, derived_differences } = told.proof;
  process.stdout.write(
    `${to.startsWith("postgres") ? "to the server" : "back to a file"}: ${eventsOf(to).toLocaleString("en-US")} events are there, ${told.rows_followed.toLocaleString("en-US")} rows followed a copy of ${(told.elapsed_ms / 1000).toFixed(1)} s beside ${writer.written().toLocaleString("en-US")} lines at ${eventsPerSecond} a second\n` +
      `nobody could write for            ${told.pause_ms} ms\n` +
      `differences                       ${differences + derived_differences}\n`,
  );
  if (told.state !== "open" || differences + derived_differences > 0)
    throw new Error(`The cutover has ended as ${told.state}, with ${differences} differences.`);
}

function eventsOf(store: string): number {
  return (JSON.parse(timedRun(["status", "--json", "--db", store]).stdout) as { events: number }).events;
}

/** Appends lines at the rate until it is stopped. */
function startWriter(path: string, series: string): { stop(): Promise<void>; written(): number } {
  let [isOver, count] = [false, 0];
  const began = performance.now();
  const running = (async (): Promise<void> => {
    while (!isOver) {
      const due = Math.floor(((performance.now() - began) / 1000) * eventsPerSecond);
      let lines = "";
      for (; count < due; count++) lines += line(count + 1, "a", series);
      appendFileSync(path, lines);
      await sleep(turnMs);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await running;
    },
    written: () => count,
  };
}

/** Runs a copy while this process goes on; gives what it says. */
async function copied(words: readonly string[]): Promise<Told> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...words], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as Told);
      else reject(new Error(`${stdout}${stderr}`));
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // The store is retired, and its follower has gone.
    return false;
  }
}

await main();
