import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targetOf } from "../src/config.ts";
import type { Database } from "../src/db/database.ts";
import { closeDatabase, openDatabase } from "../src/db/open.ts";
import { listLetters, type LetterFilters } from "../src/letters/letters.ts";
import { migrateUp } from "../src/migrate/migrate.ts";
import { postgresChanges } from "../src/migrate/postgres-engine.ts";
import { sqliteChanges } from "../src/migrate/sqlite-engine.ts";

const letters = 1_000_000;
const rounds = 5;

/**
 * How long a page of dead letters takes among a million, with the counts by reason that go with it: the median and the
 * worst of five, in milliseconds; the bar is 200. Usage: node dist/bench/letters.js [URL of an empty PostgreSQL database]
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-bench-"));
  const target = targetOf(process.argv[2] ?? join(folder, "letters.sqlite"));
  const database = await openDatabase(target, { create: true });
  try {
    await migrateUp(
      database,
      database.dialect === "sqlite"
        ? sqliteChanges(database)
        : postgresChanges(target.dialect === "postgres" ? target.url : "", database.name),
    );
    await fill(database);
    const everything = { reason: null, source: null, since: null, until: null };
    const asked: [string, LetterFilters, { state: "all" | "open" | "resolved"; after: number }][] = [
      ["the first page", everything, { state: "all", after: 0 }],
      ["a page in the middle", everything, { state: "open", after: letters / 2 }],
      ["a rare reason", { ...everything, reason: "too_deep" }, { state: "open", after: 0 }],
      ["a source that has few", { ...everything, source: "2" }, { state: "all", after: 0 }],
      ["settled ones, of which there is none", everything, { state: "resolved", after: 0 }],
      ["nothing so new", { ...everything, since: "2999-01-01T00:00:00.000000Z" }, { state: "all", after: 0 }],
    ];
    for (const [name, filters, page] of asked) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        await listLetters(database, filters, { ...page, limit: 50 });
        times.push(performance.now() - began);
      }
      times.sort((a, b) => a - b);
      const shown = [times[Math.floor(rounds / 2)] ?? 0, times.at(-1) ?? 0].map(
        (ms) => `${ms.toFixed(0)} ms`,
      );
      process.stdout.write(`${name.padEnd(40)}${shown.map((text) => text.padStart(9)).join("")}\n`);
    }
  } finally {
    await closeDatabase(database);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A million letters of 200 bytes in one batch; one in a hundred thousand has a rare reason, one in a thousand another source. */
async function fill(database: Database): Promise<void> {
  const isSqlite = database.dialect === "sqlite";
  const bytes = (hex: string): string => (isSqlite ? `x'${hex}'` : `'\\x${hex}'::bytea`);
  const series = isSqlite
    ? `(with recursive g(n) as (values (1) union all select n + 1 from g where n < ${letters}) select n from g) as g`
    : `generate_series(1, ${letters}) as g(n)`;
  const source = (id: number): string =>
    `insert into sources (source_id, path, path_shown, fingerprint, fingerprint_bytes, size_bytes, compression)
      values (${id}, ${bytes("61")}, 'file-${id}', ${bytes("00".repeat(32))}, 0, 0, 'plain')`;
  await run(database, [
    source(1),
    source(2),
    "insert into ingest_batches (batch_id, source_id, run_id, first_offset, actor) values (1, 1, 'bench', 0, 'bench')",
    `insert into dead_letter_events (batch_id, source_id, source_offset, record_bytes, record_digest, record, reason, detail)
      select 1, case when n % 1000 = 0 then 2 else 1 end, n * 200, 200, ${bytes("11".repeat(32))}, ${bytes("7b".repeat(200))},
        case when n % 100000 = 0 then 'too_deep' when n % 3 = 0 then 'bad_json' else 'truncated_line' end, ''
      from ${series}`,
    `update ingest_batches set end_offset = 1, records_read = ${letters}, events_accepted = 0, events_duplicate = 0,
      records_rejected = ${letters}, records_skipped = 0, batch_digest = ${bytes("11".repeat(32))}, chain_position = 1,
      chain_digest = ${bytes("22".repeat(32))}, record_digest = ${bytes("33".repeat(32))},
      record_parts = ${bytes("44".repeat(160))}, sealed_at = opened_at where batch_id = 1`,
  ]);
  if (!isSqlite) await run(database, [], ["vacuum analyze dead_letter_events"]);
}

/** Runs statements in one transaction, then others by themselves. */
async function run(database: Database, together: string[], alone: string[] = []): Promise<void> {
  if (database.dialect === "sqlite") {
    database.handle.exec(["begin immediate", ...together, "commit", ...alone].join(";\n"));
    return;
  }
  if (together.length > 0) {
    await database.sql.begin(async (sql) => {
      for (const text of together) await sql.unsafe(text);
    });
  }
  for (const text of alone) await database.sql.unsafe(text);
}

await main();
