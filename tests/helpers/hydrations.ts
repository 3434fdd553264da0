import { randomBytes } from "node:crypto";
import DatabaseHandle from "better-sqlite3";
import type { Test } from "tap";
import { closeDatabase, openDatabase } from "../../src/db/open.ts";
import type { Database } from "../../src/db/database.ts";
import { canonicalJson } from "../../src/hydrate/rows/codec-json.ts";
import { tablesToCopy, type CopiedColumn } from "../../src/hydrate/rows/tables.ts";
import { damage } from "./damage.ts";
import {
  engines,
  filledStore,
  freshStore,
  onServer,
  throwAwayDatabase,
  typed,
  type Engine,
  type TestStore,
} from "./database.ts";
import { reconciled, spreadLines } from "./drift.ts";
import { honestFiles } from "./honest-logs.ts";
import { logOf } from "./generated-logs.ts";
import { loadInProcess } from "./in-process.ts";
import { day, judge, say } from "./inventory.ts";
import { loadContents } from "./load.ts";
import { openPlain } from "./plain.ts";
import { randomFrom } from "./random.ts";
import { fillSnapshots, repaired } from "./repairs.ts";
import { liveOn } from "./store-life.ts";

/** Tables that hold rows only while somebody works; a row of each as it would be left. */
const leftovers = [
  "insert into ip_recounts (ip_address) values ('192.0.2.77')",
  "insert into undo_events (event_id, carried_for_batch_id, ordinal) values (77, 1, 5)",
  "insert into undo_sessions (session_id, batch_id) values ('left', 1)",
  "insert into reconcile_pending_buckets (run_id, range_number, day, sessions, events) values (1, 3, '2026-01-05', 1, 4)",
  "insert into job_failures (job_id, session_id, error) values (1, 'left', 'a made-up reason')",
  "insert into snapshot_priors (job_id, session_id, snapshot_status, snapshot_job_id) values (1, 'left', 'not_enriched', 1)",
  "insert into asn_inventory (asn, asn_name, country, enrichment, enriched_at, confirmed_at) values (64496, 'Ä', 'AQ', '{\"b\" : 1.50,\"aa\":[1,2e2]}', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000001Z')",
  "insert into asn_inventory_history (asn, asn_name, enriched_at, superseded_at) values (64496, 'A', '2025-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z')",
  "insert into verifications (scope, state, first_position, proved_position, batches, events, sessions, differences, unproved, tool_version) values ('new', 'clean', 0, 0, 0, 0, 0, 0, 0, '1')",
];

/** Does to a store, empty until now, all that people do, so that every table that is copied has rows. */
export async function fillAll(store: TestStore, lines: number): Promise<void> {
  const random = randomFrom(3);
  for (const files of honestFiles(random)) await loadContents(store.database, files, { batchEvents: 40 });
  await loadInProcess(store.database, "cowrie.json.1", logOf(spreadLines(lines, 4_711, lines / 10)), [500]);
  await say(store, [
    { ip_address: "192.0.2.1", enriched_at: day("2026-01-01"), asn: 64_496, country: "AQ", label: "TOR" },
    {
      ip_address: "2001:db8::1",
      enriched_at: day("2026-01-02"),
      enrichment: { b: 1.5, aa: ["\u0001", "é"] },
    },
  ]);
  await say(store, [{ ip_address: "192.0.2.1", enriched_at: day("2026-01-03"), asn: 64_497, country: "AQ" }]);
  for (const isMalicious of [true, false])
    await judge(store, [
      {
        shasum: "ab".repeat(32),
        source: "s",
        judged_at: day(isMalicious ? "2026-01-01" : "2026-01-02"),
        is_malicious: isMalicious,
      },
    ]);
  await liveOn(store.database, random);
  await fillSnapshots(store);
  await reconciled(store.database, "full");
  await damage(store, 5);
  await repaired(store);
  const plain = openPlain(store, { foreignKeys: false });
  for (const text of leftovers) await plain.run(text);
  await plain.close();
}

/** A SQLite store that `fillAll` has filled, made once for all that ask for so many lines. */
export async function filledSource(test: Test, lines: number): Promise<TestStore> {
  const sqlite = engines().find(({ dialect }) => dialect === "sqlite") as Engine;
  const store = await filledStore(sqlite, `fillAll ${lines}`, async (empty) => fillAll(empty, lines));
  test.teardown(store.dispose);
  return store;
}

/** A store on a server that a copy may fill; what is asked of it is asked through a connection of its own. */
export async function freshTarget(test: Test, engine: Engine): Promise<string> {
  const store = await freshStore(engine);
  test.teardown(store.dispose);
  return store.db;
}

/** An empty database on a server, without a store, dropped at the end of the test; as an owner who is no superuser where wanted. */
export async function emptyDatabase(test: Test, engine: Engine): Promise<string> {
  const owner = `cowriedb_test_${randomBytes(6).toString("hex")}`;
  const server = engine.url ?? "";
  await onServer(server, async (sql) => sql.unsafe(`create role ${owner} login`));
  const { url, drop } = await throwAwayDatabase(server, `owner ${owner}`);
  test.teardown(async () => {
    await drop();
    await onServer(server, async (sql) => sql.unsafe(`drop role if exists ${owner}`));
  });
  const owned = new URL(url);
  owned.username = owner;
  return owned.href;
}

/** Every row of every table that is copied, in a form that is the same in both engines. */
export async function allRows(database: Database, other: Database): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name, columns } of await tablesToCopy(database, other)) {
    const list = columns.map((column) =>
      database.dialect === "sqlite" ? `${column.expression} as ${column.name}` : `"${column.name}"`,
    );
    const rows = await typed(database, `select ${list.join(", ")} from ${name}`);
    found[name] = rows
      .map((row) => columns.map((column) => shown(row[column.name], column)).join(" | "))
      .sort();
  }
  return found;
}

function shown(found: unknown, { type }: CopiedColumn): string {
  const value = found as string | number | boolean | Buffer | null;
  if (value === null) return "NULL";
  if (type === "jsonb") return canonicalJson(String(value));
  if (type === "bytea") return (value as Buffer).toString("hex");
  return type === "boolean" ? String(Boolean(value)) : String(value);
}

/** Opens a store for a test, and closes it with it. */
export async function opened(test: Test, url: string): Promise<Database> {
  const database = await openDatabase({ dialect: "postgres", url, shown: url });
  test.teardown(async () => closeDatabase(database));
  return database;
}

/**
 * Every value of every row of every table of a SQLite store that a copy takes, the computed ones too, as bytes: a text is its bytes,
 * whatever it was stored as.
 */
export function allBytes(path: string, tables: readonly string[]): Record<string, string[]> {
  const handle = new DatabaseHandle(path, { readonly: true });
  try {
    const found: Record<string, string[]> = {};
    for (const table of tables) {
      const columns = handle.prepare(`select name from pragma_table_xinfo('${table}')`).pluck().all();
      const list = columns.map((name) => `hex(cast("${String(name)}" as blob))`);
      const rowid = table === "session_summaries" ? "rowid || " : "";
      const text = `select ${rowid}concat_ws('|', ${list.map((item) => `coalesce(${item}, 'NULL')`).join(", ")}) from "${table}"`;
      found[table] = (handle.prepare(text).pluck().all() as string[]).sort();
    }
    return found;
  } finally {
    handle.close();
  }
}
