import DatabaseHandle from "better-sqlite3";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { countryFilter } from "./country-filter.ts";
import { addressesText, sessionsOfOld, summariesText } from "./made-up.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedRun, type TimedRun } from "./timed-run.ts";

/**
 * How long `backfill snapshots` takes on a store of summaries with all indexes live, and its dry run, beside one whole-table
 * statement that writes the same: the peer; also in batches of 5,000, and with `--fast`; then what the snapshots spare a question.
 * Sessions are in the order in which they began and have ids in none.
 * Usage: node dist/bench/backfill.js [postgres://… | FOLDER-OF-BINARIES] [SESSIONS]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const count = Number(server.rest[0] ?? sessionsOfOld);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    process.stdout.write(heading());
    await onServer(server, async (url) => {
      process.stdout.write(lineOf(await onSqlite(folder, count)));
      process.stdout.write(lineOf(await onPostgres(url, count)));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  engine: string;
  sessions: number;
  whole: number;
  dry: TimedRun;
  fill: TimedRun;
  undo: TimedRun;
  filter: string;
  batched: TimedRun;
  fast: TimedRun;
}

async function onSqlite(folder: string, count: number): Promise<Measured> {
  const store = join(folder, "store.sqlite");
  timedRun(["init", "--db", store, "-q"]);
  const handle = new DatabaseHandle(store);
  handle.exec(summariesText("sqlite", count));
  handle.exec(addressesText("sqlite"));
  handle.pragma("wal_checkpoint(truncate)");
  handle.close();
  return measured("SQLite", count, async (work) => {
    const copy = join(folder, "copy.sqlite");
    copyFileSync(store, copy);
    try {
      return await work(copy);
    } finally {
      for (const end of ["", "-wal", "-shm"]) rmSync(copy + end, { force: true });
    }
  });
}

async function onPostgres(server: string, count: number): Promise<Measured> {
  return inDatabase(server, "made", async (url) => {
    timedRun(["init", "--db", url, "-q"]);
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    await sql`set search_path to cowrie`;
    await sql.unsafe(summariesText("postgres", count));
    await sql.unsafe(addressesText("postgres"));
    await sql.unsafe("vacuum analyze session_summaries");
    await sql.end({ timeout: 5 });
    return measured("PostgreSQL", count, async (work) => inDatabase(server, "copy", work, url));
  });
}

/** Each way to fill the snapshots, on a store of its own. */
async function measured(
  engine: string,
  count: number,
  onCopy: <T>(work: (store: string) => Promise<T>) => Promise<T>,
): Promise<Measured> {
  const backfill = (store: string, ...words: string[]): TimedRun =>
    timedRun(["backfill", "snapshots", ...words, "--db", store, "-q"]);
  const filledBy = async (...words: string[]): Promise<TimedRun> =>
    onCopy(async (store) => Promise.resolve(backfill(store, ...words)));
  const whole = await onCopy(wholeSeconds);
  const first = await onCopy(async (store) => {
    const [dry, fill] = [backfill(store, "--dry-run"), backfill(store)];
    const filter = await countryFilter(store);
    return { dry, fill, filter, undo: timedRun(["backfill", "undo", "1", "--db", store, "-q"]) };
  });
  const batched = await filledBy("--batch-size", "5000");
  return { engine, sessions: count, whole, ...first, batched, fast: await filledBy("--fast") };
}

/** How long the one statement takes that writes the same. */
async function wholeSeconds(store: string): Promise<number> {
  if (!/^postgres(ql)?:/.test(store)) {
    const handle = new DatabaseHandle(store);
    const began = performance.now();
    handle.exec(wholeOf("rowid"));
    const seconds = (performance.now() - began) / 1000;
    handle.close();
    return seconds;
  }
  const sql = postgres(store, { max: 1, connection: { search_path: "cowrie" }, onnotice: () => undefined });
  await sql`select 1`;
  const began = performance.now();
  await sql.unsafe(wholeOf("summary_id"));
  const seconds = (performance.now() - began) / 1000;
  await sql.end({ timeout: 5 });
  return seconds;
}

function wholeOf(id: string): string {
  return `update session_summaries
    set snapshot_asn = x.snapshot_asn, snapshot_country = x.snapshot_country, snapshot_ip_type = x.snapshot_ip_type,
      enrichment = x.enrichment, enrichment_at = x.enrichment_at, snapshot_status = x.snapshot_status
    from session_snapshots as x
    where x.summary_id = session_summaries.${id} and x.is_due`;
}

function heading(): string {
  const titles = [
    ...["sessions", "whole", "fill", "sessions/s", "of whole", "dry run", "undo", "peak"],
    ...["by 5,000", "of whole", "--fast", "peak"],
  ];
  return `${"".padEnd(12)}${titles.map((title) => title.padStart(13)).join("")}\n`;
}

function lineOf({
  engine,
  sessions: count,
  whole,
  dry,
  fill,
  undo,
  filter,
  batched,
  fast,
}: Measured): string {
  const cells = [
    count.toLocaleString("en-US"),
    `${whole.toFixed(1)} s`,
    `${fill.seconds.toFixed(1)} s`,
    Math.round(count / fill.seconds).toLocaleString("en-US"),
    `${Math.round((100 * whole) / fill.seconds)} %`,
    `${dry.seconds.toFixed(1)} s`,
    `${undo.seconds.toFixed(1)} s`,
    fill.memory,
    `${batched.seconds.toFixed(1)} s`,
    `${Math.round((100 * whole) / batched.seconds)} %`,
    `${fast.seconds.toFixed(1)} s`,
    fast.memory,
  ];
  return `${engine.padEnd(12)}${cells.map((cell) => cell.padStart(13)).join("")}\n${filter}`;
}

await main();
