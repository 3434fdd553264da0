import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import { writeDemoLogs } from "../src/demo/logs.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";
import { timedLoad } from "./timed-load.ts";

/**
 * The bulk loader into PostgreSQL against a bare COPY of the same lines into one jsonb column, in the same run on the
 * same server. Usage: node dist/bench/load-postgres.js [postgres://… | FOLDER-OF-BINARIES] [FILE…]
 *
 * Without a URL it starts a server of its own with PostgreSQL's default durability (fsync, synchronous commit, full
 * pages): the embedded one, or the one whose binaries are named, as /usr/lib/postgresql/15/bin. Without a file it makes
 * about 1.2 million events. On a server of yours it makes and drops two databases.
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  try {
    await onServer(server, async (url) =>
      compare(url, server.rest.length > 0 ? server.rest : writeDemoLogs(folder, 10_000)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  seconds: number;
  events: number;
  memory: string;
}

async function compare(url: string, files: readonly string[]): Promise<void> {
  const bare = await inDatabase(url, "bare", async (at) => timeCopy(at, files));
  const ours = await inDatabase(url, "load", async (at) => timeLoader(at, files));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const row = (name: string, { seconds, events, memory }: Measured): string =>
    [
      name.padEnd(24),
      `${seconds.toFixed(2)} s`.padStart(9),
      `${Math.round(events / seconds).toLocaleString("en-US")}/s`.padStart(12),
      `${(seconds / bare.seconds).toFixed(2)}×`.padStart(8),
      memory.padStart(10),
    ].join("  ");
  process.stdout.write(
    `${bare.events.toLocaleString("en-US")} events, ${(bytes / 1e6).toFixed(0)} MB, ${bare.server}\n` +
      `${"".padEnd(24)}  ${"wall".padStart(9)}  ${"events".padStart(12)}  ${"COPY".padStart(8)}  ${"peak".padStart(10)}\n` +
      `${row("bare COPY into jsonb", bare)}\n${row("cowriedb ingest bulk", ours)}\n`,
  );
}

/** JSON has no raw control characters, so as quote and delimiter they leave every line as it is. */
async function timeCopy(url: string, files: readonly string[]): Promise<Measured & { server: string }> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const [version] = await sql`select version() as text`;
    await sql`create table lines (line jsonb)`;
    const began = performance.now();
    for (const file of files) {
      const stream =
        await sql`copy lines from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')`.writable();
      await pipeline(createReadStream(file, { highWaterMark: 1 << 17 }), stream);
    }
    const seconds = (performance.now() - began) / 1000;
    const [count] = await sql`select count(*)::integer as events from lines`;
    const server = String(version?.["text"]).split(" ", 2).join(" ");
    return { seconds, events: Number(count?.["events"]), memory: "–", server };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function timeLoader(url: string, files: readonly string[]): Promise<Measured> {
  const load = timedLoad(url, files);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const [count] = await sql`select sum(events_accepted)::integer as events from cowrie.ingest_batches`;
  await sql.end({ timeout: 5 });
  return { ...load, events: Number(count?.["events"]) };
}

await main();
