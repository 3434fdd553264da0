import DatabaseHandle from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import type { Test } from "tap";
import { throwAwayFolder } from "../../src/dev/throw-away-folder.ts";
import { throwAwayDatabase, type Engine } from "./database.ts";

/** How a database of the old system is made. */
export interface OldShape {
  /** 5 to 17. */
  version: number;
  /** What `schema_state` says; the version where it is not given. */
  stamp?: string | null;
  /** SQLite went over version 16, which says what addresses and snapshots are. */
  hasSnapshots?: boolean;
  /** How the kind of address is spelt: the last one, or as production had it until November 2025. */
  ipType?: "snapshot_ip_type" | "snapshot_ip_types";
  /** Of PostgreSQL: `json` keeps the text, `jsonb` does not. */
  payload?: "json" | "jsonb";
}

/** A row of `session_summaries` there; what is not named is its default. */
export type OldSummary = Readonly<Record<string, string | number | boolean | null>>;

/** A database of the old system. */
export interface OldDatabase {
  /** What `--from` takes. */
  from: string;
  run(text: string): Promise<void>;
  insert(table: string, rows: readonly OldSummary[]): Promise<void>;
  close(): Promise<void>;
}

/** Makes a database without tables; closed and removed with the test. */
export async function emptyDatabase(test: Test, engine: Engine): Promise<OldDatabase> {
  return engine.dialect === "sqlite" ? oldSqlite(test) : oldPostgres(test, engine.url ?? "");
}

/** Makes an empty database of the old system; closed and removed with the test. */
export async function oldDatabase(test: Test, engine: Engine, shape: OldShape): Promise<OldDatabase> {
  const old = await emptyDatabase(test, engine);
  for (const text of tablesOf(engine.dialect, shape)) await old.run(text);
  const stamp = shape.stamp === undefined ? String(shape.version) : shape.stamp;
  if (stamp !== null) await old.insert("schema_state", [{ key: "schema_version", value: stamp }]);
  return old;
}

/** Puts lines into `raw_events` as the old loader did, each with the number of its line. */
export async function putLines(
  old: OldDatabase,
  lines: readonly { source: string; line: string; inode?: string }[],
): Promise<void> {
  await old.insert(
    "raw_events",
    lines.map(({ source, line, inode }, index) => ({
      source,
      source_offset: index,
      source_inode: inode ?? "4711",
      payload: line,
    })),
  );
}

function oldSqlite(test: Test): OldDatabase {
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-old-"));
  const path = join(folder, "old.sqlite");
  const handle = new DatabaseHandle(path);
  const close = async (): Promise<void> => Promise.resolve(void handle.close());
  test.teardown(() => {
    handle.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    from: path,
    run: async (text) => Promise.resolve(void handle.exec(text)),
    insert: async (table, rows) => {
      const put = (row: OldSummary): void => {
        const names = Object.keys(row);
        const values = Object.values(row).map((value) =>
          typeof value === "boolean" ? Number(value) : value,
        );
        handle
          .prepare(`insert into ${table} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`)
          .run(...values);
      };
      handle.transaction(() => {
        rows.forEach(put);
      })();
      return Promise.resolve();
    },
    close,
  };
}

async function oldPostgres(test: Test, serverUrl: string): Promise<OldDatabase> {
  const { url, drop } = await throwAwayDatabase(serverUrl);
  const sql = postgres(url, { max: 1, onnotice: () => undefined, fetch_types: false });
  test.teardown(async () => {
    await sql.end({ timeout: 5 });
    await drop();
  });
  return {
    from: url,
    run: async (text) => void (await sql.unsafe(text)),
    insert: async (table, rows) => {
      const columns = await sql.unsafe(
        "select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = $1::text::regclass and attnum > 0",
        [table],
      );
      const types = new Map(columns.map(({ name: column, type }) => [String(column), String(type)]));
      const [first] = rows;
      if (first === undefined) return;
      const names = Object.keys(first);
      const together = rows.every((row) => Object.keys(row).join() === names.join());
      if (!together) {
        for (const row of rows) await insertTyped(sql, table, types, [row]);
        return;
      }
      for (let at = 0; at < rows.length; at += 500)
        await insertTyped(sql, table, types, rows.slice(at, at + 500));
    },
    close: async () => Promise.resolve(),
  };
}

/** Inserts rows with the same columns in one statement; as text, so that the server reads it as whatever the column is. */
async function insertTyped(
  sql: postgres.Sql,
  table: string,
  types: ReadonlyMap<string, string>,
  rows: readonly OldSummary[],
): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const places = rows.map((_row, at) =>
    names.map((name, index) => `$${at * names.length + index + 1}::text::${types.get(name) ?? "text"}`),
  );
  await sql.unsafe(
    `insert into ${table} (${names.join(", ")}) values ${places.map((row) => `(${row.join(", ")})`).join(", ")}`,
    rows.flatMap((row) => names.map((name) => (row[name] === null ? null : String(row[name])))),
  );
}

/** The tables as the versions made them, from notes on the old system; those that nobody reads have a column or two. */
function tablesOf(dialect: Engine["dialect"], shape: OldShape): string[] {
  const isServer = dialect === "postgres";
  const { version } = shape;
  const time = isServer ? "timestamptz" : "datetime";
  const eventTime = isServer && version < 12 ? "varchar(64)" : time;
  const json = isServer ? (shape.payload ?? "json") : "json";
  const key = isServer ? "bigserial primary key" : "integer primary key";
  const hasSnapshots = version >= 16 && shape.hasSnapshots !== false;
  const ipType = shape.ipType ?? "snapshot_ip_type";
  const typeOf = isServer && ipType === "snapshot_ip_types" ? "text[]" : "text";
  const snapshots = `, source_ip varchar(45), snapshot_asn integer, snapshot_country varchar(2), ${ipType} ${typeOf}, enrichment_at ${time}`;
  const keys = ", ssh_key_injections integer default 0, unique_ssh_keys integer default 0";
  const clusters = ", ssh_key_fingerprint varchar(128), password_hash varchar(64), command_signature text";
  const later: [since: number, text: string][] = [
    [8, `create table snowshoe_detections (id ${key}, confidence varchar(16))`],
    [9, `create table longtail_analysis (id ${key}, confidence_score float)`],
    [10, `create table password_tracking (id ${key}, password_hash varchar(64) unique, password_text text)`],
    [11, `create table ssh_key_intelligence (id ${key}, key_hash varchar(64) unique)`],
    [13, `create table longtail_detection_sessions (detection_id integer, session_id varchar(64))`],
    [15, `create table enrichment_cache (id ${key}, service varchar(64), cache_value ${json})`],
  ];
  return [
    "create table schema_state (key varchar(128) primary key, value varchar(256) not null)",
    `create table raw_events (id ${key}, ingest_id varchar(64), ingest_at ${time}, source varchar(512) not null, source_offset bigint,
      source_inode varchar(128), source_generation integer not null default 0, payload ${json} not null, payload_hash varchar(64),
      risk_score integer, quarantined boolean not null default false, session_id varchar(64), event_type varchar(128),
      event_timestamp ${eventTime}, unique (source, source_inode, source_generation, source_offset))`,
    `create table session_summaries (session_id varchar(64) primary key, first_event_at ${time}, last_event_at ${time},
      event_count integer not null default 0, command_count integer not null default 0, file_downloads integer not null default 0,
      login_attempts integer not null default 0, vt_flagged boolean not null default false, dshield_flagged boolean not null default false,
      risk_score integer, matcher varchar(32), source_files ${json}, enrichment ${json}
      ${version >= 11 ? keys : ""}${hasSnapshots ? snapshots : ""}${version >= 17 ? clusters : ""})`,
    `create table files (id ${key}, session_id varchar(64) not null, shasum varchar(64) not null, filename varchar(512),
      vt_malicious boolean not null default false, vt_positives integer, vt_total integer, vt_last_analysis ${time},
      first_seen ${time}, last_updated ${time}, enrichment_status varchar(32) default 'pending', unique (session_id, shasum))`,
    ...later.filter(([since]) => since <= version).map(([, text]) => text),
    ...(hasSnapshots
      ? [
          `create table ip_inventory (ip_address varchar(45) primary key, current_asn integer, first_seen ${time}, last_seen ${time},
            session_count integer default 1, enrichment ${isServer ? "jsonb" : "json"}, enrichment_updated_at ${time}, updated_at ${time})`,
          `create table asn_inventory (asn_number integer primary key, organization_name text, organization_country varchar(2),
            ${version >= 17 ? "rir_registry" : "registry"} varchar(10), asn_type text, enrichment_updated_at ${time})`,
        ]
      : []),
  ];
}
