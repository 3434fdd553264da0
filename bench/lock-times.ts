import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import type { PlannedLock } from "../src/migrate/costs/estimate.ts";
import type { Dialect } from "../src/migrate/files/files.ts";
import { table } from "../src/term.ts";
import { program } from "../tests/helpers/cli.ts";
import { laidOut, started } from "../tests/helpers/migration-places.ts";
import { lockMigrations, rowsOf } from "./lock-migrations.ts";
import { postgresWatch, sqliteWatch, type Seen, type Watch } from "./lock-watch.ts";
import { inDatabase, onServer, serverWords } from "./throw-away.ts";

/** What a migration was said to lock, and what it has locked. */
interface Line extends Seen {
  migration: string;
  lock: string;
  predicted_ms: number | null;
  is_near: boolean;
}

/** A plan says of less than this only that it is less. */
const leastMs = 100;

/**
 * Predicted against real lock time. Twelve migrations are measured on a copy with half of the rows, as `migrate measure` does it; then
 * each is planned and applied on the whole, while somebody samples the locks and somebody else asks for what the lock stops.
 * Usage: node dist/bench/lock-times.js [SERVER] [sqlite|postgres] [--rows=1000000] [--copy=500000] [--json]
 */
async function main(): Promise<void> {
  const server = serverWords(process.argv.slice(2));
  const numberOf = (name: string, usual: number): number =>
    Number(server.rest.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? usual);
  const rows = numberOf("rows", 1_000_000);
  const copied = numberOf("copy", rows / 2);
  const isAsked = (dialect: Dialect): boolean =>
    server.rest.includes(dialect) || !server.rest.some((word) => !word.startsWith("--"));
  const found: Record<string, Line[]> = {};
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-locks-"));
  try {
    if (isAsked("sqlite")) {
      const files = laidOutFor("sqlite", folder);
      await measured(files, join(folder, "copy.sqlite"), "sqlite", copied);
      found["SQLite"] = await timed(files, join(folder, "store.sqlite"), "sqlite", rows);
    }
    if (isAsked("postgres")) {
      await onServer(server, async (url) => {
        const files = laidOutFor("postgres", folder);
        await inDatabase(url, "copy", async (at) => measured(files, at, "postgres", copied));
        found["PostgreSQL"] = await inDatabase(url, "locks", async (at) =>
          timed(files, at, "postgres", rows),
        );
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(
    server.rest.includes("--json")
      ? `${JSON.stringify(found, null, 2)}\n`
      : Object.entries(found)
          .map(([engine, lines]) => textOf(`${engine}, ${rows} rows, measured on ${copied}`, lines))
          .join("\n"),
  );
}

function laidOutFor(dialect: Dialect, folder: string): string {
  const files = join(folder, "locks");
  const texts = lockMigrations.map((one): [string, string] => [`${one.name}.up.sql`, one[dialect]]);
  laidOut(join(files, dialect), Object.fromEntries(texts));
  return files;
}

/** A database with these rows, at the first migration. */
async function filled(files: string, db: string, dialect: Dialect, rows: number): Promise<void> {
  await told("up", files, db, "--create", "--to", lockMigrations[0]?.name ?? "");
  await ask(
    db,
    dialect,
    dialect === "sqlite" ? ["pragma journal_mode = wal", ...rowsOf(dialect, rows)] : rowsOf(dialect, rows),
  );
}

async function measured(files: string, db: string, dialect: Dialect, rows: number): Promise<void> {
  await filled(files, db, dialect, rows);
  await told("measure", files, db, "--on-a-copy");
}

async function timed(files: string, db: string, dialect: Dialect, rows: number): Promise<Line[]> {
  await filled(files, db, dialect, rows);
  const lines: Line[] = [];
  for (const { name, isOfBatches } of lockMigrations.slice(1)) {
    if (isOfBatches !== true) {
      const plan = JSON.parse(await told("plan", files, db, "--to", name, "--json")) as {
        locks: PlannedLock[];
      };
      const lock = strongest(plan.locks, dialect);
      const watch: Watch =
        dialect === "sqlite" ? sqliteWatch(db) : await postgresWatch(db, "session_summaries", lock.lock);
      await told("up", files, db, "--to", name);
      const seen = await watch.end();
      const real = Math.max(seen.held_ms, seen.waited_ms);
      const is_near = lock.held_ms !== null && isNear(lock.held_ms, real);
      lines.push({ migration: name, lock: lock.lock, predicted_ms: lock.held_ms, ...seen, is_near });
      process.stderr.write(
        `${name}: ${lock.lock}, ${lock.held_ms ?? "?"} ms said, ${Math.round(real)} ms seen\n`,
      );
    } else await told("up", files, db, "--to", name);
    // What a migration leaves to be cleared away is not the next one's burden.
    await ask(
      db,
      dialect,
      dialect === "sqlite"
        ? ["pragma wal_checkpoint(truncate)"]
        : ["vacuum (analyze) session_summaries", "checkpoint"],
    );
  }
  return lines;
}

/** The lock that is told of the table; SQLite has one for the file, held as long as the longest that is told. */
function strongest(locks: readonly PlannedLock[], dialect: Dialect): PlannedLock {
  const [first] = locks
    .filter(({ table: name }) => dialect === "sqlite" || name.endsWith("session_summaries"))
    .toSorted((one, other) => (other.held_ms ?? 0) - (one.held_ms ?? 0));
  if (first === undefined) throw new Error("The plan names no lock.");
  return first;
}

function isNear(said: number, seen: number): boolean {
  return Math.max(said, seen) < leastMs || Math.max(said, seen) / Math.max(1, Math.min(said, seen)) <= 2;
}

async function ask(db: string, dialect: Dialect, texts: readonly string[]): Promise<void> {
  if (dialect === "sqlite") {
    const handle = new DatabaseHandle(db);
    for (const text of texts) handle.exec(text);
    handle.close();
    return;
  }
  const sql = postgres(db, { max: 1, onnotice: () => undefined });
  for (const text of texts) await sql.unsafe(text);
  await sql.end();
}

async function told(verb: string, files: string, db: string, ...more: string[]): Promise<string> {
  const words = [process.execPath, program, "migrate", verb, "--dir", files, "--db", db, ...more];
  const { code, text } = await started(words, { mostMs: 300_000 }).ended;
  if (code !== 0) throw new Error(`migrate ${verb} ended with ${code}: ${text}`);
  return text;
}

function textOf(title: string, lines: readonly Line[]): string {
  const near = lines.filter(({ is_near }) => is_near).length;
  return [
    title,
    table([
      ["migration", "lock", "said", "held", "another waited", "held / said"],
      ...lines.map(({ migration, lock, predicted_ms, held_ms, waited_ms, is_near }) => [
        migration,
        lock,
        predicted_ms === null ? "not known" : `${predicted_ms} ms`,
        `${Math.round(held_ms)} ms`,
        `${Math.round(waited_ms)} ms`,
        `${(Math.max(held_ms, waited_ms) / Math.max(1, predicted_ms ?? Number.NaN)).toFixed(2)}${is_near ? "" : "  off"}`,
      ]),
    ]),
    `${near} of ${lines.length} within a factor of 2; what is said and seen as less than ${leastMs} ms counts as such.`,
    "",
  ].join("\n");
}

await main();
