import DatabaseHandle from "better-sqlite3";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { line, program, quantile, startFollower, writeAndWatch } from "./following.ts";
import { addressesText, sessionsOfOld, summariesText } from "./made-up.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedRun } from "./timed-run.ts";

const rate = 200;
const alone = 30;
/** Longer than any backfill of that size takes: the follower is measured as long as the backfill is at work. */
const mostSeconds = 600;

/**
 * What `backfill snapshots` costs those beside it, with all indexes live: how much later a follower of 200 lines/s has its lines
 * in the store at the 99th percentile, and how long others wait for a lock at most. Usage: node dist/bench/backfill-beside.js
 * [postgres://… | FOLDER-OF-BINARIES] [SESSIONS]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const count = Number(server.rest[0] ?? sessionsOfOld);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    const titles = ["sessions", "lines/s", "p99 alone", "p99 beside", "growth", "backfill", "longest lock"];
    process.stdout.write(`${"".padEnd(12)}${titles.map((title) => title.padStart(14)).join("")}\n`);
    const store = join(folder, "store.sqlite");
    timedRun(["init", "--db", store, "-q"]);
    const handle = new DatabaseHandle(store);
    handle.exec(summariesText("sqlite", count));
    handle.exec(addressesText("sqlite"));
    handle.pragma("wal_checkpoint(truncate)");
    handle.close();
    await measure("SQLite", store, join(folder, "sqlite"), count);
    await onServer(server, async (url) =>
      inDatabase(url, "beside", async (at) => {
        timedRun(["init", "--db", at, "-q"]);
        const sql = postgres(at, {
          max: 1,
          connection: { search_path: "cowrie" },
          onnotice: () => undefined,
        });
        await sql.unsafe(summariesText("postgres", count));
        await sql.unsafe(addressesText("postgres"));
        await sql.unsafe("vacuum analyze session_summaries");
        await sql.end({ timeout: 5 });
        await measure("PostgreSQL", at, join(folder, "postgres"), count);
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(engine: string, store: string, folder: string, count: number): Promise<void> {
  const path = join(folder, "cowrie.json");
  mkdirSync(folder);
  writeFileSync(path, line(0, "a", engine));
  const follower = await startFollower(folder, store);
  try {
    const writing = { path, store, rate };
    const quiet = await writeAndWatch({ ...writing, seconds: alone, series: "alone" });
    const began = performance.now();
    const backfill = spawn(process.execPath, [program, "backfill", "snapshots", "-q", "--db", store], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const isOver = (): boolean => backfill.exitCode !== null || backfill.signalCode !== null;
    let tookMs = 0;
    backfill.once("close", () => (tookMs = performance.now() - began));
    const [beside, longest] = await Promise.all([
      writeAndWatch({ ...writing, seconds: mostSeconds, series: "beside", isOver }),
      longestLock(store, isOver),
    ]);
    if (backfill.exitCode !== 0) throw new Error(`backfill ended with ${String(backfill.exitCode)}.`);
    const [before, after] = [quantile(quiet, 0.99), quantile(beside, 0.99)];
    const cells = [
      count.toLocaleString("en-US"),
      String(rate),
      `${before.toFixed(0)} ms`,
      `${after.toFixed(0)} ms`,
      `${Math.round((100 * after) / before) - 100} %`,
      `${(tookMs / 1000).toFixed(1)} s`,
      `${longest.toFixed(0)} ms`,
    ];
    process.stdout.write(`${engine.padEnd(12)}${cells.map((cell) => cell.padStart(14)).join("")}\n`);
  } finally {
    await follower.stop();
  }
}

/**
 * How long a lock of the backfill was held at most: in SQLite how long another writer waited for its turn, in PostgreSQL, which has
 * row locks until the end of a transaction, how long a transaction lasted that had written sessions.
 */
async function longestLock(store: string, isOver: () => boolean): Promise<number> {
  let longest = 0;
  if (!/^postgres(ql)?:/.test(store)) {
    const handle = new DatabaseHandle(store, { timeout: 0 });
    let since: number | undefined;
    while (!isOver()) {
      try {
        handle.exec("begin immediate; rollback");
        since = undefined;
      } catch {
        since ??= performance.now();
        longest = Math.max(longest, performance.now() - since);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    handle.close();
    return longest;
  }
  const sql = postgres(store, { max: 1, onnotice: () => undefined });
  while (!isOver()) {
    const [row] = await sql<{ ms: number | null }[]>`
      select max(extract(epoch from clock_timestamp() - a.xact_start) * 1000)::float8 as ms
      from pg_stat_activity as a join pg_locks as l using (pid)
      where a.datname = current_database() and a.backend_type = 'client backend' and a.backend_xid is not null
        and l.relation = 'cowrie.session_summaries'::regclass and l.mode = 'RowExclusiveLock'`;
    longest = Math.max(longest, row?.ms ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await sql.end({ timeout: 5 });
  return longest;
}

await main();
