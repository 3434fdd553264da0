import DatabaseHandle from "better-sqlite3";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { addressesText, summariesText } from "./made-up.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedRun, type TimedRun } from "./timed-run.ts";

/** As many as the system that this one replaces had. */
const sessions = 1_682_827;

/**
 * How long `backfill snapshots` takes on a store of summaries with all indexes live, and its dry run, beside one whole-table
 * statement that writes the same: the peer. Sessions are in the order in which they began and have ids in none.
 * Usage: node dist/bench/backfill.js [postgres://… | FOLDER-OF-BINARIES] [SESSIONS]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const count = Number(server.rest[0] ?? sessions);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    process.stdout.write(heading());
    await onServer(server, async (url) => {
      process.stdout.write(lineOf(onSqlite(folder, count)));
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
}

function onSqlite(folder: string, count: number): Measured {
  const store = join(folder, "store.sqlite");
  const copy = join(folder, "copy.sqlite");
  timedRun(["init", "--db", store, "-q"]);
  const handle = new DatabaseHandle(store);
  handle.exec(summariesText("sqlite", count));
  handle.exec(addressesText("sqlite"));
  handle.pragma("wal_checkpoint(truncate)");
  handle.close();
  copyFileSync(store, copy);
  const whole = new DatabaseHandle(copy);
  const began = performance.now();
  whole.exec(wholeOf("rowid"));
  const seconds = (performance.now() - began) / 1000;
  whole.close();
  rmSync(copy);
  return { engine: "SQLite", sessions: count, whole: seconds, ...runs(store) };
}

async function onPostgres(server: string, count: number): Promise<Measured> {
  const made = async (url: string): Promise<postgres.Sql> => {
    timedRun(["init", "--db", url, "-q"]);
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    await sql`set search_path to cowrie`;
    await sql.unsafe(summariesText("postgres", count));
    await sql.unsafe(addressesText("postgres"));
    await sql.unsafe("vacuum analyze session_summaries");
    return sql;
  };
  const seconds = await inDatabase(server, "whole", async (url) => {
    const sql = await made(url);
    const began = performance.now();
    await sql.unsafe(wholeOf("summary_id"));
    await sql.end({ timeout: 5 });
    return (performance.now() - began) / 1000;
  });
  return inDatabase(server, "backfill", async (url) => {
    await (await made(url)).end({ timeout: 5 });
    return { engine: "PostgreSQL", sessions: count, whole: seconds, ...runs(url) };
  });
}

function runs(store: string): { dry: TimedRun; fill: TimedRun; undo: TimedRun } {
  return {
    dry: timedRun(["backfill", "snapshots", "--dry-run", "--db", store, "-q"]),
    fill: timedRun(["backfill", "snapshots", "--db", store, "-q"]),
    undo: timedRun(["backfill", "undo", "1", "--db", store, "-q"]),
  };
}

function wholeOf(id: string): string {
  return `update session_summaries
    set snapshot_asn = x.snapshot_asn, snapshot_country = x.snapshot_country, snapshot_ip_type = x.snapshot_ip_type,
      enrichment = x.enrichment, enrichment_at = x.enrichment_at, snapshot_status = x.snapshot_status
    from session_snapshots as x
    where x.summary_id = session_summaries.${id} and x.is_due`;
}

function heading(): string {
  const titles = ["sessions", "whole", "fill", "sessions/s", "of whole", "dry run", "undo", "peak"];
  return `${"".padEnd(12)}${titles.map((title) => title.padStart(13)).join("")}\n`;
}

function lineOf({ engine, sessions: count, whole, dry, fill, undo }: Measured): string {
  const cells = [
    count.toLocaleString("en-US"),
    `${whole.toFixed(1)} s`,
    `${fill.seconds.toFixed(1)} s`,
    Math.round(count / fill.seconds).toLocaleString("en-US"),
    `${Math.round((100 * whole) / fill.seconds)} %`,
    `${dry.seconds.toFixed(1)} s`,
    `${undo.seconds.toFixed(1)} s`,
    fill.memory,
  ];
  return `${engine.padEnd(12)}${cells.map((cell) => cell.padStart(13)).join("")}\n`;
}

await main();
