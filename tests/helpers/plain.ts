import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";
import type { TestStore } from "./database.ts";

/** A connection as another program opens it: no PRAGMA of ours, no search path of ours. */
export interface Plain {
  dialect: "sqlite" | "postgres";
  /** Runs a statement in which `~` stands for the schema. */
  run(text: string): Promise<void>;
  rows(text: string): Promise<Record<string, unknown>[]>;
  /** Bytes, written in hexadecimal, as a literal. */
  bytes(hex: string): string;
  close(): Promise<void>;
}

/** Opens a plain connection to a store; `foreignKeys: false` turns them off, which only SQLite can do. */
export function openPlain(store: TestStore, options: { foreignKeys?: boolean } = {}): Plain {
  return store.target.dialect === "sqlite"
    ? plainSqlite(store.target.path, options.foreignKeys ?? true)
    : plainPostgres(store.target.url);
}

function plainSqlite(path: string, foreignKeys: boolean): Plain {
  const handle = new DatabaseHandle(path);
  if (!foreignKeys) handle.pragma("foreign_keys = off");
  const rows = (text: string): Record<string, unknown>[] => {
    const statement = handle.prepare(text.replaceAll("~", ""));
    if (statement.reader) return statement.all() as Record<string, unknown>[];
    statement.run();
    return [];
  };
  return {
    dialect: "sqlite",
    run: async (text) => Promise.resolve().then(() => void rows(text)),
    rows: async (text) => Promise.resolve().then(() => rows(text)),
    bytes: (hex) => `x'${hex}'`,
    close: async () => {
      handle.close();
      return Promise.resolve();
    },
  };
}

function plainPostgres(url: string): Plain {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  return {
    dialect: "postgres",
    run: async (text) => void (await sql.unsafe(text.replaceAll("~", "cowrie."))),
    rows: async (text) => [...(await sql.unsafe(text.replaceAll("~", "cowrie.")))],
    bytes: (hex) => `'\\x${hex}'::bytea`,
    close: async () => sql.end({ timeout: 5 }),
  };
}

/** Runs statements in one transaction; gives the code with which the database refuses one, or `accepted`. */
export async function outcomeOf(plain: Plain, statements: readonly string[]): Promise<string> {
  await plain.run("begin");
  try {
    for (const statement of statements) await plain.run(statement);
    await plain.run("commit");
    return "accepted";
  } catch (error) {
    await plain.run("rollback").catch(() => undefined);
    return codeOf(error);
  }
}

/** The WR code of a refusal, else the driver's own code. */
function codeOf(error: unknown): string {
  const raised = error instanceof Error ? /^WR\d{3}/.exec(error.message)?.[0] : undefined;
  if (raised !== undefined) return raised;
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : String(error);
}

/** An event as it is written by hand. */
export interface HandEvent {
  ordinal: number;
  session?: string;
  /** Seconds after 2026-01-05T10:00:00Z. */
  second: number;
  flags?: string;
  payload: Record<string, unknown>;
}

/** What a seal sets; each value is SQL text. */
export type SealValues = Partial<
  Record<
    | "end_offset"
    | "records_read"
    | "events_accepted"
    | "events_duplicate"
    | "records_rejected"
    | "records_skipped"
    | "skip_counts"
    | "first_event_at"
    | "last_event_at"
    | "batch_digest"
    | "chain_position"
    | "chain_digest"
    | "record_digest"
    | "record_parts"
    | "sealed_at",
    string
  >
>;

/** The instant of a hand-made event, as stored. */
export function handInstant(second: number): string {
  return `2026-01-05T10:00:${String(second).padStart(2, "0")}.000000Z`;
}

/** Makes the source that hand-made batches belong to. */
export function sourceStatement(plain: Plain): string {
  const zeros = plain.bytes("00".repeat(32));
  return `insert into ~sources (source_id, path, path_shown, fingerprint, fingerprint_bytes, size_bytes, compression)
    values (1, ${plain.bytes("61")}, 'a', ${zeros}, 0, 0, 'plain')`;
}

/** Opens a batch. */
export function openStatement(batch: number): string {
  return `insert into ~ingest_batches (batch_id, source_id, run_id, first_offset, actor) values (${batch}, 1, 'hand', 0, 'hand')`;
}

/** Inserts an event into a batch. */
export function eventStatement(plain: Plain, batch: number, event: HandEvent): string {
  const digest = plain.bytes(
    `${batch.toString(16).padStart(16, "0")}${event.ordinal.toString(16).padStart(16, "0")}`,
  );
  const payload = JSON.stringify(event.payload).replaceAll("'", "''");
  return `insert into ~raw_events (event_id, session_id, occurred_at, line_digest, flags, payload)
    values (${batch * 1048576 + event.ordinal}, '${event.session ?? "abcdef012345"}', '${handInstant(event.second)}', ${digest}, '${event.flags ?? ""}', '${payload}')`;
}

/** Inserts the evidence of a batch. */
export function evidenceStatement(plain: Plain, batch: number, lines: number): string {
  return `insert into ~batch_evidence (batch_id, codec, line_count, line_bytes, lines) values (${batch}, 'gzip', ${lines}, 10, ${plain.bytes("00")})`;
}

/** Inserts a dead letter into a batch. */
export function letterStatement(plain: Plain, batch: number): string {
  return `insert into ~dead_letter_events (batch_id, source_id, source_offset, record_bytes, record_digest, record, reason, detail)
    values (${batch}, 1, 0, 1, ${plain.bytes("11".repeat(32))}, ${plain.bytes("7b")}, 'bad_json', 'by hand')`;
}

/** Notes in a batch that an event was seen again. */
export function sightingStatement(batch: number, eventId: number): string {
  return `insert into ~duplicate_sightings (event_id, batch_id, sightings) values (${eventId}, ${batch}, 1)`;
}

/** Seals a batch of events; `values` says what differs from a true seal. */
export function sealStatement(
  plain: Plain,
  batch: number,
  events: readonly HandEvent[],
  values: SealValues = {},
): string {
  const seconds = events.map(({ second }) => second);
  const some = (text: string): string => (events.length === 0 ? "null" : `'${text}'`);
  const count = String(events.length);
  const all: SealValues = {
    end_offset: "100",
    records_read: count,
    events_accepted: count,
    events_duplicate: "0",
    records_rejected: "0",
    records_skipped: "0",
    skip_counts: "'{}'",
    first_event_at: some(handInstant(Math.min(...seconds, 59))),
    last_event_at: some(handInstant(Math.max(...seconds, 0))),
    batch_digest: plain.bytes(batch.toString(16).padStart(64, "0")),
    chain_position: String(batch),
    chain_digest: plain.bytes(batch.toString(16).padStart(64, "a")),
    record_digest: plain.bytes("22".repeat(32)),
    record_parts: plain.bytes("33".repeat(160)),
    sealed_at: "'2026-02-01T00:00:00.000000Z'",
    ...values,
  };
  const settings = Object.entries(all).map(([column, value]) => `${column} = ${value}`);
  return `update ~ingest_batches set ${settings.join(", ")} where batch_id = ${batch}`;
}

/** The statements of a whole batch, evidence and seal included. */
export function batchStatements(
  plain: Plain,
  batch: number,
  events: readonly HandEvent[],
  values: SealValues = {},
): string[] {
  return [
    openStatement(batch),
    ...events.map((event) => eventStatement(plain, batch, event)),
    ...(events.length === 0 ? [] : [evidenceStatement(plain, batch, events.length)]),
    sealStatement(plain, batch, events, values),
  ];
}
