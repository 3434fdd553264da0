import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { writeDemoLogs } from "../../src/demo/logs.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { qualityRows, qualityViews, settingOf } from "../helpers/quality.ts";

const folder = mkdtempSync(join(tmpdir(), "cowriedb-quality-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

/** Settings so tight that made-up logs offend against each. */
const tight = {
  clock_jump_seconds: 1,
  clock_forward_hours: 1,
  sensor_gap_minutes: 1,
  sensor_retired_days: 1,
  session_open_minutes: 1,
};
const files = [...writeDemoLogs(folder, scaled(300)), oddLog()];
const [reference, ...others] = engines();
if (reference === undefined) throw new Error("there is no engine");

/** The statements of the page that explains the views. */
const statements = [
  ...readFileSync(join(packageFolder, "runbooks/reference/data-quality.md"), "utf8").matchAll(
    /^```sql\n([\s\S]*?)^```/gm,
  ),
]
  .flatMap(([, block = ""]) => block.split(/;\s*/))
  .filter((statement) => statement !== "");

for (const engine of engines()) {
  void t.test(`what data-quality.md would have one type is understood (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(async () => store.dispose());

    t.ok(statements.length > 8, `${statements.length} statements`);
    for (const statement of statements) await t.resolves(typed(store.database, statement), statement);
  });
}

const expected = await rowsOf(reference);
void t.test(`every view has rows but those of broken stores (${reference.name})`, (t) => {
  for (const [view, rows] of Object.entries(expected)) {
    if (view.startsWith("check_")) t.same(rows, [], view);
    else t.not(rows.length, 0, view);
  }
  t.end();
});
for (const engine of others) {
  void t.test(`the views have the rows of ${reference.name} (${engine.name})`, async (t) => {
    const found = await rowsOf(engine);

    for (const view of Object.keys(qualityViews)) t.same(found[view], expected[view], view);
  });
}

async function rowsOf(engine: Engine): Promise<Record<string, string[]>> {
  const store = await freshStore(engine);
  try {
    await loadFiles(store.database, files, { multiLine: false, batchEvents: 500 });
    await typed(
      store.database,
      "update session_summaries set snapshot_status = case when session_id < '8' then 'filled' when session_id < 'a' then 'not_public' when session_id < 'c' then 'not_enriched' when session_id < 'e' then 'unknown_address' end",
    );
    for (const [setting, value] of Object.entries(tight)) await settingOf(store, setting, value);
    const rows: Record<string, string[]> = {};
    for (const view of Object.keys(qualityViews)) rows[view] = await qualityRows(store, view);
    return rows;
  } finally {
    await store.dispose();
  }
}

function oddLog(): string {
  const path = join(folder, "cowrie.json.2026-02-01");
  writeFileSync(
    path,
    Buffer.concat([logOf(generatedLines(scaled(20_000), 4, 300)), Buffer.from('{"cut":\n')]),
  );
  return path;
}
