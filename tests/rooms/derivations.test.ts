import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Database } from "../../src/db/database.ts";
import { writeDemoLogs } from "../../src/demo/logs.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { millisecondsOfSeconds } from "../../src/recount/duration.ts";
import { recountAgainst } from "../../src/recount/store.ts";
import { canonicalTables } from "../helpers/canonical.ts";
import { isNightly, scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { realLogs, spread } from "../helpers/real-logs.ts";

const shortRunBytes = 12_000_000;
const real = isNightly ? realLogs() : spread(realLogs(), shortRunBytes);
const folder = mkdtempSync(join(tmpdir(), "cowriedb-derivations-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

if (real.length === 0) t.comment("../shared/data is absent: only generated logs are derived.");

await t.test("a recount rounds a duration half up, as its digits say", (test) => {
  test.same(
    ["0.0005", "0.00049999", "1.2345e-3", "2.9995", "315360000", "315360000.1"].map(millisecondsOfSeconds),
    [1, 0, 1, 3_000, 315_360_000_000, null],
  );
  test.end();
});

for (const engine of engines()) {
  await t.test(`the seal, a rebuild and a recount of generated logs agree (${engine.name})`, async (test) => {
    await threeAgree(test, engine, generatedFiles(), 700);
  });

  if (real.length > 0) {
    await t.test(`the seal, a rebuild and a recount of real logs agree (${engine.name})`, async (test) => {
      test.comment(
        `${real.length} files, ${Math.round(real.reduce((sum, log) => sum + log.bytes, 0) / 1e6)} MB unpacked`,
      );
      await threeAgree(
        test,
        engine,
        real.map(({ path }) => path),
        5_000,
      );
    });
  }
}

/** Logs of a made-up fortnight, and logs of odd lines. */
function generatedFiles(): string[] {
  const odd = [1, 2, 3].map((seed) => {
    const path = join(folder, `cowrie.json.2026-02-0${seed}`);
    writeFileSync(path, logOf(generatedLines(scaled(30_000), seed, 400)));
    return path;
  });
  return [...odd, ...writeDemoLogs(folder, scaled(500))];
}

async function threeAgree(
  test: Test,
  engine: Engine,
  files: readonly string[],
  batchEvents: number,
): Promise<void> {
  const store = await freshStore(engine);
  try {
    const { events_accepted: accepted } = await loadFiles(store.database, files, {
      multiLine: false,
      batchEvents,
    });
    const kept = await canonicalTables(store.database);

    const { recounted, comparison } = await recountAgainst(store.database, files, false);
    const batches = await rebuild(store.database);
    const rebuilt = await canonicalTables(store.database);

    test.ok((kept["session_summaries"]?.length ?? 0) > 0, "there are sessions");
    test.equal(recounted.events, accepted, `${accepted} events were counted again`);
    test.same(comparison.differences.slice(0, 5), [], "the recount finds no difference");
    test.equal(comparison.total, 0, "differences of the recount");
    for (const [table, rows] of Object.entries(kept)) {
      test.same(
        firstDifference(rebuilt[table] ?? [], rows),
        undefined,
        `${table} after folding ${batches} batches again`,
      );
    }
  } finally {
    await store.dispose();
  }
}

/** Empties the derived tables and folds every batch again, in an order of its own; gives the number of batches. */
async function rebuild(database: Database): Promise<number> {
  for (const table of ["session_summaries", "command_stats", "session_files", "command_scores"]) {
    await typed(database, `delete from ${table}`);
  }
  const rows = await typed(database, "select batch_id from ingest_batches order by batch_id");
  const ids = shuffled(rows.map((row) => Number(row["batch_id"])));
  for (const id of ids) {
    await typed(
      database,
      database.dialect === "sqlite"
        ? `insert into fold_batch (batch_id) values (${id})`
        : `select fold_batch(${id})`,
    );
  }
  return ids.length;
}

function shuffled(ids: readonly number[]): number[] {
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  return ids
    .map((id) => ({ id, at: next() }))
    .sort((left, right) => left.at - right.at)
    .map(({ id }) => id);
}

/** The first row that two sorted lists do not share; a whole list is too long to print. */
function firstDifference(found: readonly string[], expected: readonly string[]): unknown {
  for (let index = 0; index < Math.max(found.length, expected.length); index++) {
    if (found[index] !== expected[index]) return { found: found[index], expected: expected[index] };
  }
  return undefined;
}
