import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { writeDemoLogs } from "../../src/demo/logs.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { canonicalEvents, canonicalTables } from "../helpers/canonical.ts";
import { isNightly, scaled } from "../helpers/cli.ts";
import { engines, freshStore, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { caseFiles, fileBytes, hostileCases, plainLength } from "../helpers/hostile-corpus.ts";
import { realLogs, spread } from "../helpers/real-logs.ts";

/** The rows of a store, by table. */
type Contents = Record<string, string[]>;

const folder = mkdtempSync(join(tmpdir(), "cowriedb-parity-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

const logs: Record<string, readonly string[]> = {
  "made-up logs": [...writeDemoLogs(folder, scaled(300)), oddLog()],
  "hostile input": hostileLogs(),
  "real logs": spread(realLogs(), scaled(100_000_000)).map(({ path }) => path),
};
const [first, ...others] = engines();
const isByTurns = !isNightly && others.length > 1;

for (const [name, files] of Object.entries(logs)) {
  if (files.length === 0) t.comment(`../shared/data is absent: no engine reads ${name}.`);
  else if (first === undefined) continue;
  else if (!isByTurns || name === "made-up logs")
    isEnough(name, [await compareEngines(name, files, first, others)]);
  else {
    // In the short run each file meets SQLite and one server, by turns.
    t.comment(`${name}: each file on ${first.name} and one server, by turns`);
    const parts: Contents[] = [];
    for (const [number, engine] of others.entries()) {
      const part = files.filter((_file, index) => index % others.length === number);
      const title = `${name}, part ${number + 1} of ${others.length},`;
      if (part.length > 0) parts.push(await compareEngines(title, part, first, [engine]));
    }
    isEnough(name, parts);
  }
}

/** Nothing is shown by rows that are equal where there are none. */
function isEnough(name: string, parts: readonly Contents[]): void {
  const rows = (table: string): number => parts.reduce((sum, part) => sum + (part[table]?.length ?? 0), 0);
  t.ok(rows("raw_events") > (name === "made-up logs" ? 5_000 : 100), `${name}: ${rows("raw_events")} events`);
  t.ok(rows("session_summaries") > 10, `${name}: ${rows("session_summaries")} sessions`);
}

async function compareEngines(
  name: string,
  files: readonly string[],
  reference: Engine,
  compared: readonly Engine[],
): Promise<Contents> {
  let expected: Contents = {};
  await t.test(`${name} come into a store (${reference.name})`, async (test) => {
    expected = await contentsOf(reference, files);

    test.ok((expected["raw_events"]?.length ?? 0) > 0);
  });
  for (const engine of compared) {
    await t.test(`${name} give the rows of ${reference.name} (${engine.name})`, async (test) => {
      const found = await contentsOf(engine, files);

      for (const [table, rows] of Object.entries(expected)) {
        test.equal(found[table]?.length, rows.length, `rows of ${table}`);
        test.same(missing(rows, found[table]), [], `${table}: rows of ${reference.name} that are missing`);
        test.same(missing(found[table], rows), [], `${table}: rows too many`);
      }
    });
  }
  return expected;
}

async function contentsOf(engine: Engine, files: readonly string[]): Promise<Contents> {
  const store = await freshStore(engine);
  try {
    await loadFiles(store.database, files, { multiLine: false, batchEvents: 2_000 });
    return { ...(await canonicalTables(store.database)), raw_events: await canonicalEvents(store.database) };
  } finally {
    await store.dispose();
  }
}

/** The first rows of one list that another lacks. */
function missing(rows: readonly string[] = [], others: readonly string[] = []): string[] {
  const known = new Set(others);
  return rows.filter((row) => !known.has(row)).slice(0, 3);
}

function oddLog(): string {
  const path = join(folder, "cowrie.json.2026-02-01");
  writeFileSync(path, logOf(generatedLines(scaled(30_000), 4, 300)));
  return path;
}

/** Every hostile file that is not large and not packed, each under a name of its own. */
function hostileLogs(): string[] {
  const files = hostileCases()
    .filter((hostileCase) => hostileCase.options?.multiLine !== true)
    .flatMap(caseFiles)
    .filter((file) => file.generate === undefined && plainLength(file) < 1_000_000);
  return files.map((file, index) => {
    const path = join(folder, `cowrie.json.${index + 1}`);
    writeFileSync(path, fileBytes(file));
    return path;
  });
}
