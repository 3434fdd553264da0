import type { Mode } from "../../src/reconcile/run.ts";
import { derivedTables } from "./canonical.ts";
import { typed, type Engine, type TestStore } from "./database.ts";
import { reconciled, spreadStore, type Found } from "./drift.ts";

/** Reconciles and repairs, however much there is. */
export async function repaired(store: TestStore, mode: Mode = "nightly", day?: string): Promise<Found> {
  const words = { repair: true, maxRepair: 1_000_000 };
  return reconciled(store.database, mode, day === undefined ? words : { ...words, day });
}

/** What a run has repaired, in numbers. */
export function numbersOf({ repair, exit }: Found): Record<string, number> {
  const { applied, refused, failed, reverified } = repair;
  return { applied, refused, failed, reverified, exit };
}

/** How many repairs a store has seen. */
export async function repairsOf(store: TestStore): Promise<number> {
  const [row] = await typed(store.database, "select count(*) as n from repairs");
  return Number(row?.["n"]);
}

/** A store of forty sessions in many ranges. */
export async function smallStore(engine: Engine): Promise<TestStore> {
  return spreadStore(engine, 300, 40);
}

/** Some sessions of a store, in the order of their ids. */
export async function sessionsOf(store: TestStore, count: number, from = ""): Promise<string[]> {
  const rows = await typed(
    store.database,
    `select session_id from session_summaries where session_id > '${from}' order by session_id limit ${count}`,
  );
  return rows.map((row) => String(row["session_id"]));
}

/** Makes the counts of some sessions wrong. */
export async function spoil(store: TestStore, sessions: readonly string[]): Promise<void> {
  const list = sessions.map((session) => `'${session}'`).join(", ");
  await typed(
    store.database,
    `update session_summaries set event_count = event_count + 1, login_attempts = login_attempts + 2 where session_id in (${list})`,
  );
}

/** Gives every session a snapshot of its own, and an enrichment whose spelling no parser would keep. */
export async function fillSnapshots(store: TestStore): Promise<void> {
  await typed(
    store.database,
    `update session_summaries set
       snapshot_asn = 64496 + event_count, snapshot_country = 'AQ', snapshot_ip_type = 'VPN', snapshot_status = 'filled',
       enrichment = '{"b" : 1.50,  "a": [ 1,2 ]}', enrichment_at = first_event_at, snapshot_job_id = 7,
       vt_flagged = true, dshield_flagged = true, created_at = '2026-01-01T00:00:00.123456Z'`,
  );
}

/** What no event gives, by session. */
export async function snapshotsOf(store: TestStore): Promise<Map<string, string>> {
  const text = (name: string): string =>
    store.database.dialect === "sqlite" ? name : `cast(${name} as text) as ${name}`;
  const rows = await typed(
    store.database,
    `select session_id, snapshot_asn, snapshot_country, snapshot_ip_type, snapshot_status, ${text("enrichment")},
       ${text("enrichment_at")}, snapshot_job_id, vt_flagged, dshield_flagged, ${text("created_at")}
     from session_summaries`,
  );
  return new Map(rows.map((row) => [String(row["session_id"]), JSON.stringify(row, plainly)]));
}

/** All derived rows with all their columns, updated_at and summary_id too, as text. */
export async function derivedRows(store: TestStore): Promise<string[]> {
  const lines: string[] = [];
  for (const table of Object.keys(derivedTables)) {
    const columns =
      store.database.dialect === "sqlite"
        ? `${table === "session_summaries" ? "rowid as number, " : ""}*`
        : `cast(${table} as text) as line`;
    for (const row of await typed(store.database, `select ${columns} from ${table}`))
      lines.push(`${table} ${JSON.stringify(row, plainly)}`);
  }
  return lines.sort();
}

/** The rows of `canonicalTables` without what no event gives: a summary that was deleted has lost it. */
export function withoutSnapshots(tables: Record<string, string[]>): Record<string, string[]> {
  const strip = (line: string): string =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(JSON.parse(line) as Record<string, unknown>).filter(
          ([name]) => !/^(snapshot_|vt_flagged|dshield_flagged)/.test(name),
        ),
      ),
    );
  return Object.fromEntries(Object.entries(tables).map(([table, lines]) => [table, lines.map(strip).sort()]));
}

function plainly(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
