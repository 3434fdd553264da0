import DatabaseHandle from "better-sqlite3";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedLoad } from "./timed-load.ts";
import { timedRun, type TimedRun } from "./timed-run.ts";

/** Of the demo's sessions a day: about 200,000 events, and four times as many. */
const sizes = [1_700, 6_800];

/**
 * How long both rebuilds take where nothing differs, as seconds for a million events, in both engines at two sizes, and how
 * that grows with the size. The floor is one bare group-by over the events of the same store in the same run; the bar is
 * 90 s at 12.4 million events for both together, 256 MB for the program, and a growth of 1.
 * Usage: node dist/bench/rebuild.js [postgres://… | FOLDER-OF-BINARIES] [SESSIONS-A-DAY…]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const asked = server.rest.map(Number);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    await onServer(server, async (url) => {
      process.stdout.write(heading());
      const all = new Map<string, Measured[]>();
      for (const size of asked.length > 0 ? asked : sizes) {
        const logs = join(folder, `logs-${size}`);
        mkdirSync(logs);
        const files = writeDemoLogs(logs, size);
        for (const measured of [
          await onSqlite(join(folder, `${size}.sqlite`), files),
          await inDatabase(url, "rebuild", async (at) => onPostgres(at, files)),
        ]) {
          process.stdout.write(lineOf(measured));
          all.set(measured.engine, [...(all.get(measured.engine) ?? []), measured]);
        }
        rmSync(logs, { recursive: true });
      }
      for (const [engine, measured] of all) process.stdout.write(growthOf(engine, measured));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  engine: string;
  events: number;
  floor: number;
  summaries: TimedRun;
  commands: TimedRun;
}

async function onSqlite(store: string, files: readonly string[]): Promise<Measured> {
  timedLoad(store, files);
  const handle = new DatabaseHandle(store, { readonly: true });
  const events = Number(handle.prepare("select count(*) from raw_events").pluck().get());
  const floor = await seconds(() => handle.prepare(bare).all());
  handle.close();
  return { engine: "SQLite", events, floor, ...rebuilds(store) };
}

async function onPostgres(url: string, files: readonly string[]): Promise<Measured> {
  timedLoad(url, files);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql`set search_path to cowrie`;
  const [count] = await sql`select count(*)::integer as events from raw_events`;
  const floor = await seconds(async () => sql.unsafe(bare));
  await sql.end({ timeout: 5 });
  return { engine: "PostgreSQL", events: Number(count?.["events"]), floor, ...rebuilds(url) };
}

const bare =
  "select session_id, count(*), min(occurred_at), max(occurred_at) from raw_events group by session_id";

async function seconds(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function rebuilds(store: string): { summaries: TimedRun; commands: TimedRun } {
  return {
    summaries: timedRun(["rebuild", "summaries", "--db", store, "-q"]),
    commands: timedRun(["rebuild", "command-stats", "--db", store, "-q"]),
  };
}

function heading(): string {
  const titles = ["events", "summaries", "commands", "both/million", "floor/million", "floor", "peak"];
  return `${"".padEnd(12)}${titles.map((title) => title.padStart(15)).join("")}\n`;
}

function lineOf({ engine, events, floor, summaries, commands }: Measured): string {
  const both = summaries.seconds + commands.seconds;
  const cells = [
    events.toLocaleString("en-US"),
    `${summaries.seconds.toFixed(2)} s`,
    `${commands.seconds.toFixed(2)} s`,
    `${perMillion(both, events).toFixed(2)} s`,
    `${perMillion(floor, events).toFixed(2)} s`,
    `${(both / floor).toFixed(1)}×`,
    summaries.memory,
  ];
  return `${engine.padEnd(12)}${cells.map((cell) => cell.padStart(15)).join("")}\n`;
}

function growthOf(engine: string, measured: readonly Measured[]): string {
  const rate = ({ summaries, commands, events }: Measured): number =>
    perMillion(summaries.seconds + commands.seconds, events);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return "";
  return `${engine}: ${(last.events / first.events).toFixed(1)} times the events, ${(rate(last) / rate(first)).toFixed(2)}× the time of a million\n`;
}

function perMillion(time: number, events: number): number {
  return (time / events) * 1e6;
}

await main();
