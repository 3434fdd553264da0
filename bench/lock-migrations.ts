import { readFileSync } from "node:fs";
import { packageFolder, type Dialect } from "../src/migrate/files/files.ts";

/** A migration of the bench, in the texts of both engines. */
export interface LockMigration {
  name: string;
  postgres: string;
  sqlite: string;
  /** Runs in many transactions, of which none is predicted. */
  isOfBatches?: boolean;
}

/** The table before all of them: sessions under a column with its old name. */
const tables = {
  postgres: `
    create table jobs (job_id bigint constraint pk_jobs primary key);
    create table sensors (sensor text constraint pk_sensors primary key);
    create table addresses (source_ip text constraint pk_addresses primary key);
    create table session_summaries (
      session_id text collate "C" constraint pk_session_summaries primary key,
      sensor text not null constraint fk_session_summaries_sensor references sensors (sensor),
      source_ip text not null,
      first_event_at timestamptz not null,
      last_event_at timestamptz not null,
      event_count integer not null,
      login_attempts integer,
      snapshot_asn bigint,
      snapshot_country text,
      snapshot_ip_types text,
      enrichment jsonb
    );`,
  sqlite: `
    create table jobs (job_id integer constraint pk_jobs primary key) strict;
    create table sensors (sensor text constraint pk_sensors primary key) strict;
    create table addresses (source_ip text constraint pk_addresses primary key) strict;
    create table session_summaries (
      session_id text constraint pk_session_summaries primary key,
      sensor text not null constraint fk_session_summaries_sensor references sensors (sensor),
      source_ip text not null,
      first_event_at text not null,
      last_event_at text not null,
      event_count integer not null,
      login_attempts integer,
      snapshot_asn integer,
      snapshot_country text,
      snapshot_ip_types text,
      enrichment text
    ) strict;`,
};

const rebuiltInSqlite = `
  create table session_summaries_new (
    session_id text constraint pk_session_summaries primary key,
    sensor text not null constraint fk_session_summaries_sensor references sensors (sensor),
    source_ip text not null,
    first_event_at text not null,
    last_event_at text not null,
    event_count integer not null constraint ck_session_summaries_event_count check (event_count >= 0),
    login_attempts integer,
    snapshot_asn integer,
    snapshot_country text,
    enrichment text,
    snapshot_ip_type text,
    risk_score integer not null default 0
  ) strict;
  insert into session_summaries_new
  select
    session_id, sensor, source_ip, first_event_at, last_event_at, event_count, login_attempts, snapshot_asn, snapshot_country,
    enrichment, snapshot_ip_type, risk_score
  from session_summaries;
  drop table session_summaries;
  alter table session_summaries_new rename to session_summaries;
  create index ix_session_summaries_source_ip on session_summaries (source_ip, first_event_at);`;

const riskFill = `
  update session_summaries
  set risk_score = case when event_count > 20 then 50 else event_count end;`;

/** What is heavy in our own staircase and in the examples, as it stands, and what else is done to a table that is in use. */
export const lockMigrations: readonly LockMigration[] = [
  { name: "0001_tables_create", ...tables },
  { name: "0002_rename_expand", ...example("0002_session_summaries_expand") },
  { name: "0003_rename_copy", ...example("0003_session_summaries_copy"), isOfBatches: true },
  { name: "0004_rename_contract", ...example("0005_session_summaries_contract") },
  {
    name: "0005_snapshot_indexes",
    ...both((dialect) => `migrations/${dialect}/0017_session_summaries_snapshot.up.sql`),
  },
  {
    name: "0006_column_with_default",
    postgres: "alter table session_summaries add column risk_score integer not null default 0;",
    sqlite: "alter table session_summaries add column risk_score integer not null default 0;",
  },
  {
    name: "0007_index",
    postgres: "create index ix_session_summaries_source_ip on session_summaries (source_ip, first_event_at);",
    sqlite: "create index ix_session_summaries_source_ip on session_summaries (source_ip, first_event_at);",
  },
  { name: "0008_every_row_updated", postgres: riskFill, sqlite: riskFill },
  {
    name: "0009_type_or_rebuild",
    postgres: "alter table session_summaries alter column event_count type bigint;",
    sqlite: rebuiltInSqlite,
  },
  {
    name: "0010_unique_index",
    postgres:
      "create unique index uq_session_summaries_start on session_summaries (sensor, first_event_at, session_id);",
    sqlite:
      "create unique index uq_session_summaries_start on session_summaries (sensor, first_event_at, session_id);",
  },
  {
    name: "0011_check",
    postgres:
      "alter table session_summaries add constraint ck_session_summaries_times check (last_event_at >= first_event_at);",
    sqlite:
      "alter table session_summaries add column closed integer constraint ck_session_summaries_closed check (closed in (0, 1));",
  },
  {
    name: "0012_generated_column",
    postgres: `alter table session_summaries add column duration_seconds double precision
        generated always as (extract(epoch from last_event_at - first_event_at)) stored;`,
    sqlite: `
      alter table session_summaries add column duration_seconds real
        generated always as (unixepoch(last_event_at, 'subsec') - unixepoch(first_event_at, 'subsec')) virtual;
      create index ix_session_summaries_duration on session_summaries (duration_seconds);`,
  },
  {
    name: "0013_not_null_or_drop",
    postgres: "alter table session_summaries alter column login_attempts set not null;",
    sqlite: "alter table session_summaries drop column login_attempts;",
  },
  {
    name: "0014_reference_or_expression",
    postgres: `alter table session_summaries add constraint fk_session_summaries_source_ip
        foreign key (source_ip) references addresses (source_ip);`,
    sqlite: "create index ix_session_summaries_country on session_summaries (lower(snapshot_country));",
  },
];

/** So many rows, the same ones in every database of the engine. */
export function rowsOf(dialect: Dialect, count: number): string[] {
  const addresses = Math.max(1, Math.round(count / 12));
  const address = (n: string): string => `'198.51.' || ((${n}) / 256) || '.' || ((${n}) % 256)`;
  if (dialect === "postgres") {
    return [
      "insert into sensors select 'hp-0' || n from generate_series(0, 2) as n",
      `insert into addresses select ${address("n")} from generate_series(0, ${addresses - 1}) as n`,
      `insert into session_summaries
      select
        md5(n::text), 'hp-0' || n % 3, ${address(`(n * 7919::bigint) % ${addresses}`)},
        timestamptz '2026-01-01' + n * interval '3 s', timestamptz '2026-01-01' + n * interval '3 s' + n % 300 * interval '1 s',
        n % 40, n % 7, case when n % 3 = 0 then n % 500 end, case when n % 3 = 0 then 'C' || n % 90 end,
        case n % 4 when 0 then 'DATACENTER' when 1 then 'RESIDENTIAL' end,
        jsonb_build_object('asn', n % 500, 'name', repeat('x', 60))
      from generate_series(0, ${count - 1}) as n`,
      "vacuum (analyze) session_summaries",
    ];
  }
  const series = (last: number): string =>
    `with recursive c (n) as (select 0 union all select n + 1 from c where n < ${last})`;
  const at = (seconds: string): string =>
    `strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1767225600 + ${seconds}, 'unixepoch')`;
  return [
    `insert into sensors ${series(2)} select 'hp-0' || n from c`,
    `insert into addresses ${series(addresses - 1)} select ${address("n")} from c`,
    `insert into session_summaries ${series(count - 1)}
    select
      printf('%08x%08x', (n * 2654435761) % 4294967296, n), 'hp-0' || (n % 3), ${address(`(n * 7919) % ${addresses}`)},
      ${at("n * 3")}, ${at("n * 3 + n % 300")}, n % 40, n % 7, iif(n % 3 = 0, n % 500, null), iif(n % 3 = 0, 'C' || (n % 90), null),
      case n % 4 when 0 then 'DATACENTER' when 1 then 'RESIDENTIAL' end,
      json_object('asn', n % 500, 'name', '${"x".repeat(60)}')
    from c`,
    "analyze",
  ];
}

function example(name: string): { postgres: string; sqlite: string } {
  return both((dialect) => `runbooks/examples/rename-a-column/${dialect}/${name}.up.sql`);
}

function both(pathOf: (dialect: Dialect) => string): { postgres: string; sqlite: string } {
  const read = (dialect: Dialect): string => readFileSync(`${packageFolder}${pathOf(dialect)}`, "utf8");
  return { postgres: read("postgres"), sqlite: read("sqlite") };
}
