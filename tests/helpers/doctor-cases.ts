/** A rule: what makes it speak, with its level, and what is just not enough. */
export interface Case {
  subject: string;
  ill: readonly [what: string, level: string][];
  sound: readonly string[];
}

function sqliteAgo(seconds: number): string {
  return `strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-${seconds} seconds')`;
}

function postgresAgo(seconds: number): string {
  return `clock_timestamp() - interval '${seconds} seconds'`;
}

/** The instant so many seconds ago. */
export const ago = { sqlite: sqliteAgo, postgres: postgresAgo };

const storeNames = [
  ...["jobs", "reconcile_runs", "verifications", "ingest_batches", "hydrations", "hydration_objects"],
  "hydration_chunks",
];
/** The tables that the rules of the store read, empty. */
export const storeTables = {
  sqlite: storeNames.map((name) => `create temp table ${name} as select * from main.${name} limit 0`),
  postgres: [
    "set search_path = pg_temp, cowrie, pg_catalog",
    ...storeNames.map((name) => `create temp table ${name} as select * from cowrie.${name} with no data`),
  ],
};

/** The rules of the store. */
export function storeCases(before: (seconds: number) => string): Case[] {
  const job = (id: number, state: string, heartbeat: string): string =>
    `insert into jobs (job_id, kind, state, worker, heartbeat_at) values (${id}, 'reconcile', '${state}', 'w', ${heartbeat})`;
  const proof = (code: number, hours: number): string =>
    `insert into reconcile_runs (run_id, finished_at, exit_code) values (1, ${before(hours * 3600)}, ${code})`;
  const sealed = `insert into ingest_batches (batch_id, opened_at, sealed_at) values (1, ${before(1)}, ${before(1)})`;
  const opened = (seconds: number): string =>
    `insert into ingest_batches (batch_id, opened_at) values (1, ${before(seconds)})`;
  const verified = (id: number, differences: number): string =>
    `insert into verifications (verification_id, differences, finished_at) values (${id}, ${differences}, ${before(1)})`;
  const aside = (state: string, end: string, began = 1000): string =>
    `insert into hydrations (hydration_id, started_at, finished_at) values (1, ${before(began)}, ${end});\ninsert into hydration_objects (hydration_id, state) values (1, '${state}')`;
  return [
    {
      subject: "job 7",
      ill: [
        [job(7, "running", before(3600)), "fault"],
        [job(7, "failed", before(1)), "warning"],
        [job(7, "needs_attention", before(1)), "warning"],
      ],
      sound: [
        job(7, "running", before(1)),
        job(7, "done", before(3600)),
        job(7, "paused", before(3600)),
        `${job(7, "needs_attention", before(1))};\n${job(8, "done", before(1))}`,
      ],
    },
    {
      subject: "proof",
      ill: [
        [sealed, "warning"],
        [proof(0, 37), "warning"],
        [proof(20, 1), "fault"],
      ],
      sound: ["", opened(1), proof(0, 35), proof(21, 1), `${sealed};\n${proof(0, 1)}`],
    },
    {
      subject: "verification",
      ill: [[verified(1, 3), "fault"]],
      sound: [verified(1, 0), `${verified(1, 3)};\n${verified(2, 0)}`],
    },
    { subject: "batch 1", ill: [[opened(86_500), "note"]], sound: [opened(86_300)] },
    {
      subject: "objects set aside",
      ill: [
        [aside("aside", before(1)), "fault"],
        [aside("aside", "null"), "warning"],
      ],
      sound: [
        ...[aside("back", before(1)), aside("back", "null")],
        // A file has no lock that a run holds for as long as it lives, but its last sign of life.
        ...(before === sqliteAgo
          ? [
              aside("aside", "null", 800),
              `${aside("aside", "null")};\ninsert into hydration_chunks (copied_at) values (${before(1)})`,
            ]
          : []),
      ],
    },
  ];
}

/** What the rules of the server read, empty. */
export const serverTables = {
  sqlite: [],
  postgres: [
    "create temp table pg_stat_all_tables (relid oid, schemaname name, relname name, n_dead_tup bigint, n_live_tup bigint)",
    "create temp table pg_class (oid oid, reltuples real)",
    "create temp table pg_stat_activity (datname name default current_database(), pid integer, xact_start timestamptz, state text, usename name, application_name text default '', query_start timestamptz, wait_event_type text, backend_type text)",
    "create temp table pg_prepared_xacts (gid text, prepared timestamptz, database name default current_database())",
    "create temp table pg_replication_slots (slot_name name, active boolean, restart_lsn pg_lsn)",
    "create temp table pg_stat_replication (application_name text, replay_lag interval)",
    "create temp table pg_database (datname name default current_database(), datfrozenxid xid)",
    "create temp table pg_available_extensions (name name, installed_version text, default_version text)",
    "create function pg_temp.blocking(integer) returns integer[] language sql as $$ select case when $1 = 7 then array[8] else '{}' end $$",
    "create function pg_temp.lsn() returns pg_lsn language sql as $$ select '10/0'::pg_lsn $$",
    "create function pg_temp.setting(text) returns text language sql as $$ select pg_catalog.current_setting($1) $$",
  ],
};

function tableRow(dead: number, live: number, tuples: number): string {
  return `insert into pg_temp.pg_stat_all_tables values (1, 'cowrie', 'jobs', ${dead}, ${live});\ninsert into pg_temp.pg_class values (1, ${tuples})`;
}

function activity(state: string, seconds: number): string {
  return `insert into pg_temp.pg_stat_activity (pid, state, xact_start) values (7, '${state}', ${postgresAgo(seconds)})`;
}

function waiting(pid: number, seconds: number): string {
  return `insert into pg_temp.pg_stat_activity (pid, wait_event_type, query_start) values (${pid}, 'Lock', ${postgresAgo(seconds)})`;
}

function slot(isActive: boolean, bytes: number): string {
  return `insert into pg_temp.pg_replication_slots values ('s', ${isActive}, pg_temp.lsn() - ${bytes})`;
}

function frozen(age: number): string {
  return `insert into pg_temp.pg_database (datfrozenxid) select ((((pg_current_xact_id()::text::bigint - ${age}) % 4294967296) + 4294967296) % 4294967296)::text::xid`;
}

function clients(share: string): string {
  return `insert into pg_temp.pg_stat_activity (pid, backend_type) select g, 'client backend' from generate_series(1, ${share}) as g`;
}

const most = "current_setting('max_connections')::integer";
/** The rules of a server of PostgreSQL. */
export const serverCases: readonly Case[] = [
  {
    subject: "bloat of jobs",
    ill: [[tableRow(10_001, 40_000, 1), "warning"]],
    sound: [tableRow(10_000, 100, 1), tableRow(20_000, 80_000, 1)],
  },
  {
    subject: "statistics of jobs",
    ill: [[tableRow(0, 10_001, -1), "note"]],
    sound: [tableRow(0, 10_000, -1), tableRow(0, 20_000, 0)],
  },
  {
    subject: "transaction of pid 7",
    ill: [
      [activity("idle in transaction", 301), "warning"],
      [activity("active", 3601), "note"],
    ],
    sound: [activity("idle in transaction", 290), activity("active", 3590)],
  },
  {
    subject: "session of pid 7",
    ill: [[waiting(7, 11), "warning"]],
    sound: [waiting(7, 5), waiting(6, 11)],
  },
  {
    subject: "prepared transaction p",
    ill: [[`insert into pg_temp.pg_prepared_xacts values ('p', ${postgresAgo(301)})`, "warning"]],
    sound: [
      `insert into pg_temp.pg_prepared_xacts values ('p', ${postgresAgo(290)})`,
      `insert into pg_temp.pg_prepared_xacts values ('p', ${postgresAgo(301)}, 'another')`,
    ],
  },
  {
    subject: "replication slot s",
    ill: [
      [slot(false, 0), "warning"],
      [slot(true, 2_147_483_648), "note"],
    ],
    sound: [slot(true, 0)],
  },
  {
    subject: "replica r",
    ill: [["insert into pg_temp.pg_stat_replication values ('r', interval '61 seconds')", "warning"]],
    sound: [
      "insert into pg_temp.pg_stat_replication values ('r', interval '60 seconds')",
      "insert into pg_temp.pg_stat_replication values ('r', null)",
    ],
  },
  {
    subject: "transaction ids",
    ill: [
      [frozen(1_000_000_100), "warning"],
      [frozen(1_500_000_100), "fault"],
    ],
    sound: [frozen(999_999_000)],
  },
  {
    subject: "connections",
    ill: [[clients(most), "warning"]],
    sound: [clients(`${most} * 9 / 10`)],
  },
  {
    subject: "extension e",
    ill: [["insert into pg_temp.pg_available_extensions values ('e', '1.0', '1.1')", "note"]],
    sound: [
      "insert into pg_temp.pg_available_extensions values ('e', '1.1', '1.1')",
      "insert into pg_temp.pg_available_extensions values ('e', null, '1.1')",
    ],
  },
];

/** A setting with what is wrong, and what is just right. */
const settings: readonly (readonly [subject: string, level: string, ill: string, sound: string])[] = [
  ["fsync", "fault", "off", "on"],
  ["full_page_writes", "fault", "off", "on"],
  ["synchronous_commit", "warning", "off", "local"],
  ["autovacuum", "warning", "off", "on"],
  ["track_counts", "warning", "off", "on"],
  ["session_replication_role", "fault", "replica", "origin"],
  ["max_wal_size", "note", "512MB", "1GB"],
  ["shared_buffers", "note", "64MB", "128MB"],
  ["maintenance_work_mem", "note", "32MB", "64MB"],
  ["idle_in_transaction_session_timeout", "note", "0", "10min"],
  ["data_checksums", "note", "off", "on"],
];

/** Settings as a test says that they are, and sound where it says nothing. */
export const settingTables = {
  sqlite: [],
  postgres: [
    "create temp table said (name text, value text)",
    `create function pg_temp.setting(text) returns text language sql as $$
      select coalesce((select s.value from pg_temp.said as s where s.name = $1), v.value)
      from (values ${settings.map(([subject, , , sound]) => `('${subject}', '${sound}')`).join(", ")}) as v (name, value)
      where v.name = $1 $$`,
  ],
};

/** The rules of settings of PostgreSQL. */
export const settingCases: readonly Case[] = settings.map(([subject, level, ill, sound]) => {
  const said = (value: string): string => `insert into pg_temp.said values ('${subject}', '${value}')`;
  return { subject, ill: [[said(ill), level]], sound: [said(sound)] };
});
