import { targetOf } from "../src/config.ts";
import type { Database } from "../src/db/database.ts";
import { closeDatabase, openDatabase } from "../src/db/open.ts";

const samples = 200;

/** What is looked up, by the value of a column of some event: a whole timeline, else the first 100 events. */
const lookUps: readonly (readonly [name: string, column: string, tail: string])[] = [
  ["a session's timeline", "session_id", "order by occurred_at"],
  ["events by address", "src_ip", "limit 100"],
  ["events by user name", "username", "limit 100"],
  ["events by file hash", "shasum", "limit 100"],
];

/**
 * How long a look-up takes in a store that is loaded already, for 200 values that events spread over the whole store
 * have: the median and the worst, in milliseconds. Usage: node dist/bench/lookups.js STORE, a file or a PostgreSQL URL.
 */
async function main(): Promise<void> {
  const database = await openDatabase(targetOf(process.argv[2] ?? ""));
  try {
    const events = Number((await rows(database, "select count(*) as n from raw_events"))[0]?.["n"]);
    process.stdout.write(
      `${events.toLocaleString("en-US")} events\n${"".padEnd(24)}  ${"median".padStart(9)}  ${"worst".padStart(9)}\n`,
    );
    for (const [name, column, tail] of lookUps) {
      const times = await timed(database, column, tail);
      const shown = [times[Math.floor(times.length / 2)] ?? 0, times.at(-1) ?? 0].map((ms) =>
        `${ms.toFixed(2)} ms`.padStart(9),
      );
      process.stdout.write(`${name.padEnd(24)}  ${shown.join("  ")}\n`);
    }
  } finally {
    await closeDatabase(database);
  }
}

async function timed(database: Database, column: string, tail: string): Promise<number[]> {
  const range = (
    await rows(database, "select min(batch_id) as low, max(batch_id) as high from ingest_batches")
  )[0];
  const [low, high] = [Number(range?.["low"]), Number(range?.["high"])];
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const batch = low + Math.floor(((high - low) * sample) / samples);
    const value = (
      await rows(
        database,
        `select ${column} as value from raw_events where event_id >= ${batch} * cast(1048576 as bigint) + ${sample} ` +
          `and ${column} is not null order by event_id limit 1`,
      )
    )[0]?.["value"];
    if (value === undefined) continue;
    const text = `select event_id, occurred_at, event_type from raw_events where ${column} = '${(value as string).replaceAll("'", "''")}' ${tail}`;
    const began = performance.now();
    await rows(database, text);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

async function rows(database: Database, text: string): Promise<Record<string, unknown>[]> {
  if (database.dialect === "postgres") return [...(await database.sql.unsafe(text))];
  return database.handle.prepare(text).all() as Record<string, unknown>[];
}

await main();
