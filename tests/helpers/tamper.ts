import type { Plain } from "./plain.ts";
import { keys, literal, pickRow, whereOf, type Row, type Turn } from "./tamper-rows.ts";

/** What a verification must name after a mutation. */
export interface Expected {
  table: string;
  /** Undefined where no batch can be named: a derived row, or a batch that is gone with all it had. */
  batch?: number | undefined;
  /** Part of the key. */
  key?: string | undefined;
  /** The session whose derived row was touched. */
  session?: string;
}

/** Changes a store behind the tool's back; undefined where this store has nothing for it to change. */
export interface Mutation {
  name: string;
  /** Those of a group can be made at once; none names what another of it must. */
  group: "batches" | "derived" | "alone";
  apply(plain: Plain, turn: Turn): Promise<Expected | undefined>;
}

const later = "'2020-02-02T02:02:02.000000Z'";
const batchColumns: Record<string, string> = {
  source_id: "source_id + 1",
  run_id: "run_id || 'x'",
  kind: "'replay'",
  first_offset: "0 * first_offset + case first_offset when 0 then 1 else 0 end",
  end_offset: "end_offset + 1",
  records_skipped: "records_skipped + 1, records_read = records_read + 1",
  events_duplicate: "events_duplicate + 1, records_read = records_read + 1",
  records_rejected: "records_rejected + 1, records_read = records_read + 1",
  events_accepted: "events_accepted + 1, records_read = records_read + 1",
  skip_counts: `'{"blank":77}'`,
  first_event_at: later,
  last_event_at: later,
  opened_at: later,
  sealed_at: later,
  actor: "'somebody@else'",
};
const eventColumns: Record<string, string> = {
  occurred_at: later,
  flags: "case flags when 'glued' then '' else 'glued' end",
  canonical_ip: "'198.51.100.99'",
  canonical_type: "case canonical_type when 'cowrie.log.open' then null else 'cowrie.log.open' end",
  session_id: "session_id || 'x'",
};
const letterColumns: Record<string, string> = {
  reason: "case reason when 'too_deep' then 'bad_utf8' else 'too_deep' end",
  detail: "detail || 'x'",
  source_offset: "source_offset + 1",
};
const derivedColumns: Record<string, Record<string, string>> = {
  session_summaries: {
    event_count: "event_count + 1",
    source_ip: "'203.0.113.99'",
    sensor: "'elsewhere'",
    protocol_key: "'x'",
    hassh: "'x'",
    client_version: "'x'",
    risk_score: "(risk_score + 1) % 101",
    first_event_at: later,
    last_event_at: "'2040-02-02T02:02:02.000000Z'",
    login_attempts: "login_attempts + 1",
    command_inputs: "command_inputs + 1",
    closed_count: "closed_count + 1",
    ssh_key_failures: "ssh_key_failures + 1",
    reported_duration_ms: "coalesce(reported_duration_ms, 0) + 1",
    has_connect: "cast(1 - cast(has_connect as integer) as TRUTH)",
    source_ip_least: "'0'",
  },
  command_stats: {
    inputs: "inputs + 1",
    failures: "failures + 1",
    first_seen: later,
    last_seen: "'2040-02-02T02:02:02.000000Z'",
    high_risk: "cast(1 - cast(high_risk as integer) as TRUTH)",
  },
  session_files: {
    occurrences: "occurrences + 1",
    url: "'http://203.0.113.1/x'",
    file_name: "'x'",
    first_seen: later,
  },
};

/** Every kind of mutation. */
export const mutations: readonly Mutation[] = [
  ...Object.entries(batchColumns).map(([column, value]) =>
    setting("ingest_batches", column, value, (row) => ({
      table: "ingest_batches",
      batch: Number(row["batch_id"]),
    })),
  ),
  ...Object.entries(eventColumns).map(([column, value]) =>
    setting("raw_events", column, value, (row) => ({ table: "raw_events", batch: Number(row["batch_id"]) })),
  ),
  ...Object.entries(letterColumns).map(([column, value]) =>
    setting("dead_letter_events", column, value, (row) => ({
      table: "dead_letter_events",
      batch: Number(row["batch_id"]),
    })),
  ),
  ...Object.entries(derivedColumns).flatMap(([table, columns]) =>
    Object.entries(columns).map(([column, value]) => setting(table, column, value, derivedRow(table))),
  ),
  ...["session_summaries", "command_stats", "session_files"].flatMap((table) => [
    deleting(table, derivedRow(table)),
    renaming(table),
  ]),
  setting("duplicate_sightings", "sightings", "sightings + 1", batchOf("duplicate_sightings")),
  setting("batch_evidence", "line_bytes", "line_bytes + 1", batchOf("batch_evidence")),
  setting("batch_evidence", "line_count", "line_count + 1", batchOf("batch_evidence")),
  setting("ingest_batches", "undone_at", later, batchOf("raw_events"), "events_accepted > 0"),
  deleting("raw_events", batchOf("raw_events")),
  deleting("batch_evidence", batchOf("batch_evidence")),
  deleting("dead_letter_events", batchOf("dead_letter_events")),
  deleting("duplicate_sightings", batchOf("duplicate_sightings")),
  ...(
    [
      ["raw_events", "line_digest"],
      ["batch_evidence", "lines"],
      ["dead_letter_events", "record"],
      ["dead_letter_events", "record_tail"],
      ["dead_letter_events", "record_digest"],
      ["ingest_batches", "batch_digest"],
      ["ingest_batches", "chain_digest"],
      ["ingest_batches", "record_digest"],
      ["ingest_batches", "record_parts"],
    ] as const
  ).map(([table, column]) => flipping(table, column)),
  editingPayload(),
  swapping("raw_events", "session_id"),
  swapping("raw_events", "line_digest"),
  copyingEvent(),
  movingEvent(),
  undoingByHand(),
  losingBatch(false),
  losingBatch(true),
];

function batchOf(table: string): (row: Row) => Expected {
  return (row) => ({ table, batch: Number(row["batch_id"]) });
}

function derivedRow(table: string): (row: Row) => Expected {
  return (row) => ({ table, key: String(row["session_id"]), session: String(row["session_id"]) });
}

function groupOf(table: string): Mutation["group"] {
  return table === "duplicate_sightings" || keys[table]?.startsWith("session_id") === true
    ? "derived"
    : "batches";
}

function truth(plain: Plain, text: string): string {
  return text.replace("TRUTH", plain.dialect === "sqlite" ? "integer" : "boolean");
}

function setting(
  table: string,
  column: string,
  value: string,
  expected: (row: Row) => Expected,
  where = "true",
): Mutation {
  return {
    name: `${table}.${column} is edited`,
    group: groupOf(table),
    apply: async (plain, turn) => {
      const row = await pickRow(plain, table, turn, where);
      if (row === undefined) return undefined;
      const key = whereOf(plain, table, row);
      await plain.run(`update ~${table} set ${column} = ${truth(plain, value)} where ${key}`);
      const [now] = await plain.rows(`select ${column} as value from ~${table} where ${key}`);
      // Nothing was changed where the value was this one before.
      return now !== undefined && same(now["value"], row[column]) ? undefined : expected(row);
    },
  };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function deleting(table: string, expected: (row: Row) => Expected): Mutation {
  return {
    name: `a row of ${table} is deleted`,
    group: groupOf(table),
    apply: async (plain, turn) => {
      const row = await pickRow(plain, table, turn);
      if (row === undefined) return undefined;
      await plain.run(`delete from ~${table} where ${whereOf(plain, table, row)}`);
      return expected(row);
    },
  };
}

/** A derived row gets another session: one is missing, one is invented. */
function renaming(table: string): Mutation {
  return {
    name: `a row of ${table} is invented`,
    group: groupOf(table),
    apply: async (plain, turn) => {
      const row = await pickRow(plain, table, turn);
      if (row === undefined) return undefined;
      const key = `invented${String(turn.pick(999)).padStart(3, "0")}`;
      await plain.run(`update ~${table} set session_id = '${key}' where ${whereOf(plain, table, row)}`);
      return { table, key, session: String(row["session_id"]) };
    },
  };
}

/** One bit of a value of bytes is turned over. */
function flipping(table: string, column: string): Mutation {
  return {
    name: `a bit of ${table}.${column} is flipped`,
    group: groupOf(table),
    apply: async (plain, turn) => {
      const row = await pickRow(plain, table, turn, `length(${column}) > 0`);
      if (row === undefined) return undefined;
      const bytes = Buffer.from(row[column] as Uint8Array);
      const at = turn.pick(bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << turn.pick(8));
      await plain.run(
        `update ~${table} set ${column} = ${literal(plain, bytes)} where ${whereOf(plain, table, row)}`,
      );
      return { table, batch: Number(row["batch_id"]) };
    },
  };
}

function editingPayload(): Mutation {
  return {
    name: "a payload is edited",
    group: "batches",
    apply: async (plain, turn) => {
      const row = await pickRow(plain, "raw_events", turn);
      if (row === undefined) return undefined;
      const text = typeof row["payload"] === "string" ? row["payload"] : JSON.stringify(row["payload"]);
      const digits = [...text.matchAll(/[0-9a-z](?=[0-9a-z]*"[,}])/g)];
      const at = digits[turn.pick(Math.max(1, digits.length))]?.index ?? -1;
      const edited =
        at < 0
          ? text.replace(/^\{/, '{"more":1,')
          : `${text.slice(0, at)}${text[at] === "a" ? "b" : "a"}${text.slice(at + 1)}`;
      if (edited === text) return undefined;
      await plain.run(
        `update ~raw_events set payload = cast(${literal(plain, edited)} as ${plain.dialect === "sqlite" ? "text" : "jsonb"}) where event_id = ${Number(row["event_id"])}`,
      );
      return { table: "raw_events", batch: Number(row["batch_id"]), key: String(row["event_id"]) };
    },
  };
}

/** Two events of a batch exchange a value. */
function swapping(table: "raw_events", column: string): Mutation {
  return {
    name: `two rows of ${table} exchange ${column}`,
    group: "batches",
    apply: async (plain, turn) => {
      const one = await pickRow(plain, table, turn);
      if (one === undefined) return undefined;
      const range = `event_id / 1048576 = ${Number(one["batch_id"])} and ${column} <> ${literal(plain, one[column])}`;
      const other = await pickRow(plain, table, turn, range);
      if (other === undefined) return undefined;
      for (const [row, value] of [
        [one, literal(plain, other[column])],
        [other, literal(plain, one[column])],
      ] as const)
        await plain.run(
          `update ~${table} set ${column} = ${value} where event_id = ${Number(row["event_id"])}`,
        );
      return { table, batch: Number(one["batch_id"]) };
    },
  };
}

function copyingEvent(): Mutation {
  return {
    name: "an event is there twice",
    group: "batches",
    apply: async (plain, turn) => {
      const row = await pickRow(plain, "raw_events", turn);
      if (row === undefined) return undefined;
      const batch = Number(row["batch_id"]);
      await plain.run(
        `insert into ~raw_events (event_id, session_id, occurred_at, line_digest, flags, canonical_ip, canonical_type, payload)
         select ${batch * 1_048_576 + 900_000 + turn.pick(1_000)}, session_id, ${later}, line_digest, flags, canonical_ip, canonical_type, payload
         from ~raw_events where event_id = ${Number(row["event_id"])}`,
      );
      return { table: "raw_events", batch };
    },
  };
}

function movingEvent(): Mutation {
  return {
    name: "an event has another number",
    group: "batches",
    apply: async (plain, turn) => {
      const row = await pickRow(plain, "raw_events", turn);
      if (row === undefined) return undefined;
      const batch = Number(row["batch_id"]);
      const to = batch * 1_048_576 + 800_000 + turn.pick(1_000);
      await plain.run(`update ~raw_events set event_id = ${to} where event_id = ${Number(row["event_id"])}`);
      return { table: "raw_events", batch };
    },
  };
}

/** A batch is made to look undone: the mark, and nothing left of what an undo takes away. */
function undoingByHand(): Mutation {
  return {
    name: "a batch is undone by hand",
    group: "batches",
    apply: async (plain, turn) => {
      const row = await pickRow(plain, "ingest_batches", turn, "undone_at is null");
      if (row === undefined) return undefined;
      const batch = Number(row["batch_id"]);
      await plain.run(`update ~ingest_batches set undone_at = ${later} where batch_id = ${batch}`);
      await plain.run(`delete from ~raw_events where event_id / 1048576 = ${batch}`);
      for (const table of ["batch_evidence", "duplicate_sightings"])
        await plain.run(`delete from ~${table} where batch_id = ${batch}`);
      return { table: "ingest_batches", batch };
    },
  };
}

/** The row of a batch is deleted; `whole` takes all along that belongs to it. */
function losingBatch(whole: boolean): Mutation {
  return {
    name: whole ? "a batch is deleted with all it had" : "the row of a batch is deleted",
    group: "alone",
    apply: async (plain, turn) => {
      const row = await pickRow(plain, "ingest_batches", turn);
      if (row === undefined) return undefined;
      const batch = Number(row["batch_id"]);
      const [last] = await plain.rows("select max(batch_id) as n from ~ingest_batches");
      if (whole) {
        await plain.run(`delete from ~raw_events where event_id / 1048576 = ${batch}`);
        for (const table of ["batch_evidence", "dead_letter_events", "duplicate_sightings"])
          await plain.run(`delete from ~${table} where batch_id = ${batch}`);
      }
      await plain.run(`delete from ~ingest_batches where batch_id = ${batch}`);
      // Of the last batch nothing is left but a source that was read further.
      const isLast = batch === Number(last?.["n"]);
      return { table: "ingest_batches", ...(isLast ? { key: "source " } : { batch }) };
    },
  };
}
