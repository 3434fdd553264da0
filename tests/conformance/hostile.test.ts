import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { CowriedbError } from "../../src/errors.ts";
import type { LoadResult } from "../../src/ingest/load-result.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { canonicalEvents, canonicalTables } from "../helpers/canonical.ts";
import { isNightly } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { keptEvents, type KeptEvent } from "../helpers/evidence.ts";
import {
  caseFiles,
  fileBytes,
  hostileCases,
  plainLength,
  writeCase,
  type CasePath,
  type Columns,
  type HostileCase,
  type HostileExpect,
} from "../helpers/hostile-corpus.ts";

/** What a load came to, with a refusal as a result. */
interface Loaded {
  refused: string | undefined;
  read: number;
  accepted: number;
  duplicate: number;
  skipped: number;
  rejected: number;
  unread: number;
}

const all = engines();
const servers = Math.max(1, all.length - 1);

for (const [number, engine] of all.entries()) {
  // A case takes half a second, on a server a second. The short run sees a tenth on SQLite, and another tenth on the servers
  // by turns.
  const stride = isNightly ? 1 : engine.dialect === "sqlite" ? 10 : 10 * servers;
  const cases = hostileCases().filter((_case, index) => index % stride === number % stride);
  const which = isNightly ? "every hostile case" : `one hostile case in ${stride}`;
  await t.test(
    `${which} becomes what the corpus says, and stays so at a second load (${engine.name})`,
    async (test) => {
      for (const hostileCase of cases) {
        await test.test(`${hostileCase.id} ${hostileCase.name}`, (each) =>
          checkCase(each, engine, hostileCase),
        );
      }
    },
  );
}

async function checkCase(test: Test, engine: Engine, hostileCase: HostileCase): Promise<void> {
  const { expect } = hostileCase;
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-hostile-"));
  const store = await freshStore(engine);
  try {
    const paths = namesOf(await writeCase(hostileCase, folder), folder);
    const multiLine = hostileCase.options?.multiLine === true;

    const runs: Loaded[] = [];
    for (let run = 0; run < (hostileCase.options?.runs ?? 1); run++) {
      runs.push(await load(store.database, paths, multiLine));
    }

    checkCounts(test, expect, runs);
    test.same(
      bounded(await storedRejects(store.database), expect.rejected, expect),
      expect.rejected,
      "rejects",
    );
    test.same(bounded(await storedSkips(store.database), expect.skipped, expect), expect.skipped, "skips");
    if (expect.at_least !== true) await checkEvents(test, store.database, hostileCase);
    await checkSessions(test, store.database, expect.sessions ?? []);
    await checkSecondLoad(test, store.database, paths, multiLine, expect);
  } finally {
    await store.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Paths as a command line gives them: where a name is no UTF-8, the folder stands for it. */
function namesOf(paths: readonly CasePath[], folder: string): string[] {
  return [...new Set(paths.map((path) => (typeof path === "string" ? path : folder)))];
}

async function load(database: Database, paths: readonly string[], multiLine: boolean): Promise<Loaded> {
  try {
    return loadedOf(await loadFiles(database, paths, { multiLine, batchEvents: 1_000 }));
  } catch (error) {
    if (!(error instanceof CowriedbError)) throw error;
    return { refused: error.code, read: 0, accepted: 0, duplicate: 0, skipped: 0, rejected: 0, unread: 0 };
  }
}

function loadedOf(result: LoadResult): Loaded {
  return {
    refused: undefined,
    read: result.records_read,
    accepted: result.events_accepted,
    duplicate: result.events_duplicate,
    skipped: result.records_skipped,
    rejected: result.records_rejected,
    unread: result.files.at(-1)?.unread_bytes ?? 0,
  };
}

function checkCounts(test: Test, expect: HostileExpect, runs: readonly Loaded[]): void {
  const sum = (pick: (run: Loaded) => number): number => runs.reduce((total, run) => total + pick(run), 0);
  const found = {
    read: sum((run) => run.read),
    accepted: sum((run) => run.accepted),
    duplicate: sum((run) => run.duplicate),
  };
  const expected = { read: expect.read, accepted: expect.accepted, duplicate: expect.duplicate };
  test.equal(runs[0]?.refused, expect.refused, "the code of the refusal");
  if (expect.at_least === true) test.same(atMost(found, expected), expected, "counts, at least");
  else test.same(found, expected, "counts");
  test.equal(runs.at(-1)?.unread, expect.unread_bytes ?? 0, "unread bytes");
}

/** Where counts are lower bounds, what is above the bound is cut to it. */
function bounded(
  found: Record<string, number>,
  expected: Record<string, number>,
  expect: HostileExpect,
): Record<string, number> {
  return expect.at_least === true ? atMost(found, expected) : found;
}

function atMost<T extends Record<string, number>>(found: T, expected: Record<string, number>): T {
  return Object.fromEntries(
    Object.entries(found)
      .filter(([name]) => name in expected)
      .map(([name, count]) => [name, Math.min(count, expected[name] ?? 0)]),
  ) as T;
}

async function storedRejects(database: Database): Promise<Record<string, number>> {
  const rows = await typed(database, "select reason, count(*) as n from dead_letter_events group by reason");
  return Object.fromEntries(rows.map((row) => [String(row["reason"]), Number(row["n"])]));
}

async function storedSkips(database: Database): Promise<Record<string, number>> {
  const rows = await typed(database, "select skip_counts from ingest_batches");
  const sums: Record<string, number> = {};
  for (const row of rows) {
    const counts = JSON.parse(row["skip_counts"] as string) as Record<string, number>;
    for (const [code, count] of Object.entries(counts)) sums[code] = (sums[code] ?? 0) + count;
  }
  return sums;
}

async function checkEvents(test: Test, database: Database, hostileCase: HostileCase): Promise<void> {
  const { expect } = hostileCase;
  const events = inFileOrder(await keptEvents(database), hostileCase);
  test.equal(events.length, expect.accepted, "stored events");
  if (expect.flags !== undefined) {
    const flags = events.map(({ row }) => flagsOf(row["flags"]));
    test.same(
      flags,
      expect.flags.map((list) => [...list].sort()),
      "flags",
    );
  }
  expect.columns?.forEach((columns, index) => {
    test.same(picked(events[index]?.row, columns), columns, `columns of event ${index + 1}`);
  });
}

function flagsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as string[]) : String(value).split(",");
  return list.filter((flag) => flag !== "").sort();
}

/** Events by where their record stands in the files, told by its first bytes where files hold a part of it each. */
function inFileOrder(events: KeptEvent[], hostileCase: HostileCase): KeptEvent[] {
  const files = caseFiles(hostileCase).filter((file) => plainLength(file) < 64 << 20);
  const whole = Buffer.concat(
    files.map((file) => (file.generate === undefined ? ended(fileBytes(file)) : Buffer.alloc(0))),
  );
  const places = new Map(events.map((event) => [event, placeOf(whole, event.record)]));
  return events.sort((left, right) => (places.get(left) ?? 0) - (places.get(right) ?? 0));
}

function ended(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.from("\n")]);
}

function placeOf(whole: Buffer, record: Buffer): number {
  const place = whole.indexOf(record);
  if (place >= 0) return place;
  for (let length = record.length - 1; length > 0; length--) {
    const start = whole.indexOf(record.subarray(0, length));
    if (start >= 0) return start;
  }
  return whole.length;
}

async function checkSessions(test: Test, database: Database, sessions: readonly Columns[]): Promise<void> {
  const rows = await typed(database, "select * from session_summaries");
  for (const columns of sessions) {
    const row = rows.find((candidate) => candidate["session_id"] === columns["session_id"]);
    test.same(picked(row, columns), columns, `session ${String(columns["session_id"])}`);
  }
}

/** The columns of a row that are expected, with booleans where booleans are expected. */
function picked(row: Record<string, unknown> | undefined, expected: Columns): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => {
      const held = row?.[name];
      return [name, typeof value === "boolean" && typeof held === "number" ? held === 1 : held];
    }),
  );
}

async function checkSecondLoad(
  test: Test,
  database: Database,
  paths: readonly string[],
  multiLine: boolean,
  expect: HostileExpect,
): Promise<void> {
  const before = await everything(database);
  const again = await load(database, paths, multiLine);
  test.equal(again.refused, expect.refused, "the code of the refusal at a second load");
  test.equal(again.accepted, 0, "a second load accepts nothing");
  test.same(await everything(database), before, "a second load changes nothing");
}

async function everything(database: Database): Promise<unknown> {
  const [letters] = await typed(database, "select count(*) as n from dead_letter_events");
  return {
    ...(await canonicalTables(database)),
    events: await canonicalEvents(database),
    letters: Number(letters?.["n"]),
  };
}
