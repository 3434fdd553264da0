import { DuckDBInstance } from "@duckdb/node-api";
import DatabaseHandle from "better-sqlite3";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { packageFolder } from "../src/migrate/files/files.ts";
import { timedLoad } from "./timed-load.ts";

/**
 * The bulk loader into SQLite against two peers on the same files in the same run: DuckDB's own JSON load with a
 * group-by, and the floor, which is the same rows by one prepared statement into the same table without index, digest,
 * gate or trigger. Usage: node dist/bench/load.js [FILE…]; without a file it makes about 1.2 million events.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    const given = process.argv.slice(2);
    const files = given.length > 0 ? given : writeDemoLogs(folder, 10_000);
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const duckdb = await timeDuckDb(files, folder);
    const floor = await timeFloor(files, folder);
    const ours = timedLoad(join(folder, "store.sqlite"), files);
    const row = (name: string, seconds: number, memory: string): string =>
      [
        name.padEnd(28),
        `${seconds.toFixed(2)} s`.padStart(9),
        `${Math.round(floor.events / seconds).toLocaleString("en-US")}/s`.padStart(12),
        `${(seconds / duckdb).toFixed(2)}×`.padStart(8),
        `${(seconds / floor.seconds).toFixed(2)}×`.padStart(8),
        memory.padStart(10),
      ].join("  ");
    process.stdout.write(
      `${floor.events.toLocaleString("en-US")} events, ${(bytes / 1e6).toFixed(0)} MB\n` +
        `${"".padEnd(28)}  ${"wall".padStart(9)}  ${"events".padStart(12)}  ${"DuckDB".padStart(8)}  ${"floor".padStart(8)}  ${"peak".padStart(10)}\n` +
        `${row("DuckDB, load and group by", duckdb, "–")}\n${row("SQLite floor", floor.seconds, "–")}\n${row("cowriedb ingest bulk", ours.seconds, ours.memory)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timeDuckDb(files: readonly string[], folder: string): Promise<number> {
  const instance = await DuckDBInstance.create(join(folder, "peer.duckdb"));
  const connection = await instance.connect();
  const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(", ");
  const began = performance.now();
  await connection.run(
    "create table events as select json ->> '$.session' as session, json ->> '$.eventid' as eventid, " +
      "(json ->> '$.timestamp')::timestamp as occurred_at, json ->> '$.src_ip' as src_ip, json " +
      `from read_ndjson_objects([${list}])`,
  );
  await connection.runAndReadAll(
    "select session, count(*), min(occurred_at), max(occurred_at) from events group by session",
  );
  return (performance.now() - began) / 1000;
}

async function timeFloor(
  files: readonly string[],
  folder: string,
): Promise<{ seconds: number; events: number }> {
  const handle = new DatabaseHandle(join(folder, "floor.sqlite"));
  handle.pragma("page_size = 4096");
  handle.pragma("journal_mode = wal");
  handle.pragma("synchronous = normal");
  handle.pragma("cache_size = -64000");
  handle.pragma("wal_autocheckpoint = 120000");
  handle.exec(bareTable());
  const insert = handle.prepare(
    "insert into raw_events (event_id, session_id, occurred_at, line_digest, payload) values (?, ?, ?, zeroblob(16), ?)",
  );
  const began = performance.now();
  let events = 0;
  handle.exec("begin immediate");
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const session = line.indexOf('"session":"') + 11;
      const time = line.indexOf('"timestamp":"') + 13;
      insert.run(++events, line.slice(session, session + 12), line.slice(time, time + 27), line);
      if (events % 20_000 === 0) handle.exec("commit; begin immediate");
    }
  }
  handle.exec("commit");
  const seconds = (performance.now() - began) / 1000;
  handle.close();
  return { seconds, events };
}

/** The table of today without its unique key. */
function bareTable(): string {
  const schema = readFileSync(`${packageFolder}migrations/schema.sqlite.sql`, "utf8");
  const table = /create table raw_events \([\s\S]*?\n\)[^;]*;/i.exec(schema)?.[0] ?? "";
  return table.replace(/,\s*constraint uq_raw_events_identity\s+unique \([^)]*\)/i, "");
}

await main();
