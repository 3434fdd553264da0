import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targetOf } from "../src/config.ts";
import { closeDatabase, openDatabase } from "../src/db/open.ts";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { verifyStore } from "../src/verify/verify.ts";
import { timedLoad } from "./timed-load.ts";

/** Of the demo's sessions a day; about 200,000 events. */
const sessionsPerDay = 1_700;

/**
 * How fast a full verification is, in all and for the batches alone, and the peak memory of its process; the bar is
 * 256 MB at any size. Usage: node dist/bench/verify.js [STORE]; without a store it makes one of about 200,000 events.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    const given = process.argv[2];
    const store = given ?? join(folder, "store.sqlite");
    if (given === undefined) timedLoad(store, writeDemoLogs(folder, sessionsPerDay));
    const database = await openDatabase(targetOf(store));
    try {
      let batchesMs = 0;
      const found = await verifyStore(database, {
        full: true,
        toolVersion: "bench",
        onProgress: ({ elapsedMs }) => (batchesMs = elapsedMs),
      });
      const rate = (ms: number): string =>
        `${(ms / 1000).toFixed(2)} s  ${Math.round((found.events / ms) * 1000).toLocaleString("en-US")} events/s`;
      process.stdout.write(
        `${found.state}: ${found.events.toLocaleString("en-US")} events, ${found.batches} batches, ${found.sessions.toLocaleString("en-US")} sessions\n` +
          `batches   ${rate(batchesMs)}\nsessions  ${rate(found.elapsed_ms - batchesMs)}\nin all    ${rate(found.elapsed_ms)}\n` +
          `peak memory ${peakMemory()}\n`,
      );
    } finally {
      await closeDatabase(database);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The most memory that this process has had, as Linux counts it. */
function peakMemory(): string {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return kilobytes === undefined ? "–" : `${Math.round(Number(kilobytes) / 1024)} MiB`;
}

await main();
