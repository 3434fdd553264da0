import DatabaseHandle from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { timedLoad } from "./timed-load.ts";
import { timedRun, type TimedRun } from "./timed-run.ts";

/** Of the demo's sessions a day; about 15,000 events a day. */
const sessionsPerDay = 1_700;
const proofs = 5;

/**
 * Reconciliations of a SQLite store that grows day by day: the first night, a night after a new day, the quick run after
 * the next, and the proof of one session. The floor, in the same run, is what any proof of counts and times must read.
 * Usage: node dist/bench/reconcile.js [SESSIONS_PER_DAY]; each is a process of its own, loads are not counted.
 */
function main(): void {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    const files = writeDemoLogs(folder, Number(process.argv[2] ?? sessionsPerDay));
    const [quickDay = "", newDay = ""] = files.splice(-2).reverse();
    const store = join(folder, "store.sqlite");
    const load = (file: string): TimedRun => timedRun(["ingest", "bulk", file, "--db", store, "-q"]);
    const run = (mode: string): TimedRun => timedRun(["reconcile", "--mode", mode, "--json", "--db", store]);
    timedLoad(store, files);
    const rows: [name: string, run: TimedRun][] = [["first night", run("nightly")]];
    load(newDay);
    rows.push(["nightly after a day", run("nightly")]);
    load(quickDay);
    rows.push(["quick after a day", run("quick")]);
    run("nightly");
    const floor = floorOf(store);
    process.stdout.write(
      `${floor.events.toLocaleString("en-US")} events, ${floor.sessions.toLocaleString("en-US")} sessions\n` +
        `${"".padEnd(24)}  ${"wall".padStart(9)}  ${"CPU".padStart(9)}  ${"of floor".padStart(9)}  ${"peak".padStart(9)}\n` +
        shown("floor: group by session", floor.seconds, floor.cpu, floor.cpu, "–"),
    );
    for (const [name, { seconds, cpu, memory }] of rows)
      process.stdout.write(shown(name, seconds, cpu, floor.cpu, memory));
    const times = floor.some.map((session) => proofMs(store, session)).sort((a, b) => a - b);
    process.stdout.write(
      `prove a session, itself   ${times.map((ms) => `${ms.toFixed(1)} ms`).join("  ")}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function shown(name: string, seconds: number, cpu: number, floor: number, memory: string): string {
  const figures = [`${seconds.toFixed(2)} s`, `${cpu.toFixed(2)} s`, `${(cpu / floor).toFixed(1)}×`, memory];
  return `${name.padEnd(24)}  ${figures.map((figure) => figure.padStart(9)).join("  ")}\n`;
}

/** The bare count of all sessions, and some of them. */
function floorOf(store: string): {
  events: number;
  sessions: number;
  seconds: number;
  cpu: number;
  some: string[];
} {
  const handle = new DatabaseHandle(store, { readonly: true });
  const began = performance.now();
  const before = process.cpuUsage();
  const counted = handle
    .prepare(
      "select count(*) as sessions, sum(n) as events from (select session_id, count(*) as n, min(occurred_at), max(occurred_at) " +
        "from raw_events where session_id != '' group by session_id)",
    )
    .get() as { sessions: number; events: number };
  const used = process.cpuUsage(before);
  const seconds = (performance.now() - began) / 1000;
  const some = handle
    .prepare("select session_id from session_summaries where rowid % ? = 0 limit ?")
    .pluck()
    .all(Math.max(1, Math.floor(counted.sessions / proofs)), proofs) as string[];
  handle.close();
  return { ...counted, seconds, cpu: (used.user + used.system) / 1e6, some };
}

function proofMs(store: string, session: string): number {
  const { stdout } = timedRun(["reconcile", "prove", session, "--json", "--db", store]);
  return (JSON.parse(stdout) as { elapsed_ms: number }).elapsed_ms;
}

main();
