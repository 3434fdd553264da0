import type { DriftCase } from "./drifts.ts";

const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What somebody does who edits the text of the schema by hand. */
function edit(name: string, from: string, to: string): string {
  return `pragma writable_schema = on;
    update sqlite_schema set sql = replace(sql, ${quotedText(from)}, ${quotedText(to)}) where name = '${name}';
    pragma writable_schema = reset`;
}

/** Drifts of a SQLite store. */
export const sqliteDrifts: readonly DriftCase[] = [
  ["a column is added", "alter table jobs add column note text", "Column note of jobs is there"],
  [
    "two columns are added",
    "alter table settings add column a text; alter table settings add column b integer default 3",
    "Column b of settings",
  ],
  [
    "a generated column is added",
    "alter table jobs add column twice integer as (total * 2) virtual",
    "Column twice of jobs",
  ],
  [
    "a column is dropped",
    "alter table sources drop column device",
    "Column device of sources is missing",
    "lost",
  ],
  [
    "the last column is dropped",
    "alter table hydrations drop column error",
    "Column error of hydrations is missing",
    "lost",
  ],
  [
    "a column is renamed",
    "alter table runbook_runs rename column worker to helper",
    "Column worker of runbook_runs is missing",
    "lost",
  ],
  [
    "a column has another type",
    edit("settings", "value integer", "value real"),
    "Column value of settings: its type is «REAL»",
  ],
  [
    "a column may be NULL",
    edit("jobs", "actor text not null", "actor text"),
    "Column actor of jobs may be NULL, and should not.",
  ],
  [
    "a column may not be NULL",
    edit("jobs", "worker text", "worker text not null"),
    "Column worker of jobs may not be NULL, and should.",
  ],
  [
    "a column has another default",
    edit("jobs", "default 1000", "default 7"),
    "its default is «7», and should be «1000»",
  ],
  [
    "a column has no default",
    edit("jobs", "fence integer not null default 0", "fence integer not null"),
    "its default is none",
  ],
  [
    "a column has a default",
    edit("jobs", "worker text", "worker text default 'me'"),
    "its default is «'me'», and should be none",
  ],
  [
    "a default is of now",
    edit("verifications", "finished_at text", "finished_at text default current_timestamp"),
    "current_timestamp",
  ],
  [
    "a column sorts without case",
    edit("sources", "sensor text", "sensor text collate nocase"),
    "its collation is «nocase», and should be «default»",
  ],
  [
    "a generated column has another expression",
    edit("command_stats", "successes + failures", "successes - failures"),
    "Column occurrences of command_stats",
  ],
  [
    "columns have another order",
    edit(
      "runbook_runs",
      "actor text not null,\n  worker text not null",
      "worker text not null,\n  actor text not null",
    ),
    "Column actor of runbook_runs: its place",
  ],
  [
    "a check of a column is looser",
    edit("jobs", "between 1 and 1000000", "between 1 and 9000000"),
    "9000000",
  ],
  [
    "a check of a column is gone",
    edit("sources", " constraint ck_sources_size_bytes_positive\n    check (size_bytes >= 0)", ""),
    "Column size_bytes of sources",
  ],
  [
    "a check of a table is gone",
    edit("settings", ",\n  constraint ck_settings_value_range check (value between least and greatest)", ""),
    "Constraint ck_settings_value_range of settings is missing",
  ],
  [
    "a check of a table is looser",
    edit("settings", "between least and greatest", "between 0 and greatest"),
    "Constraint ck_settings_value_range of settings",
  ],
  [
    "a check is added",
    edit("verifications", "finished_at text,", "finished_at text, constraint ck_more check (batches > 5),"),
    "Constraint ck_more of verifications is there",
  ],
  [
    "a unique constraint is gone",
    "pragma foreign_keys = off; drop table session_identifiers; create table session_identifiers (priority integer constraint pk_session_identifiers primary key, field text not null, matcher text not null, meaning text not null) strict",
    "Column field of session_identifiers: its definition is «field text not null»",
  ],
  [
    "a foreign key is gone",
    edit("drift_columns", "references drift_classes (class)", ""),
    "Column class of drift_columns",
  ],
  [
    "a foreign key cascades",
    edit(
      "drift_columns",
      "references drift_classes (class)",
      "references drift_classes (class) on delete cascade",
    ),
    "cascade",
  ],
  [
    "a foreign key is added",
    "alter table settings add column kind text references jobs (job_id)",
    "Column kind of settings is there",
  ],
  [
    "a table is not strict",
    edit("sources", ")\nstrict", ")"),
    "Table sources: its options are none, and should be «strict»",
  ],
  [
    "a table is added",
    "create table by_hand (a integer primary key, b text)",
    "Table by_hand is there",
    "lost",
  ],
  [
    "a table with an index and a trigger is added",
    "create table more_by_hand (a); create index ix_more_by_hand on more_by_hand (a); create trigger tr_more_by_hand after insert on more_by_hand begin select 1; end",
    "Table more_by_hand is there, and no migration has made it, with 3 things",
    "lost",
  ],
  [
    "a table without rows is dropped",
    "pragma foreign_keys = off; drop table job_failures",
    "Table job_failures is missing",
    "lost",
  ],
  [
    "a table with indexes is dropped",
    "pragma foreign_keys = off; drop table duplicate_sightings",
    "Table duplicate_sightings is missing",
    "lost",
  ],
  [
    "a table is renamed",
    "pragma legacy_alter_table = on; alter table drift_columns rename to drift_column; pragma legacy_alter_table = off",
    "Table drift_columns is missing",
    "lost",
  ],
  [
    "an index is dropped",
    "drop index ix_dead_letter_events_batch_id",
    "Index ix_dead_letter_events_batch_id of dead_letter_events is missing",
  ],
  ["an index is added", "create index ix_by_hand on jobs (worker)", "Index ix_by_hand of jobs is there"],
  [
    "a unique index is added",
    "create unique index uq_by_hand on jobs (job_id, worker)",
    "Index uq_by_hand of jobs is there",
  ],
  [
    "an index has other columns",
    "drop index ix_raw_events_hassh; create index ix_raw_events_hassh on raw_events (hassh, event_id) where hassh is not null",
    "Index ix_raw_events_hassh of raw_events",
  ],
  [
    "an index has another predicate",
    "drop index ix_raw_events_hassh; create index ix_raw_events_hassh on raw_events (hassh)",
    "where hassh is not null",
  ],
  [
    "an index is unique no more",
    "drop index uq_jobs_open; create index uq_jobs_open on jobs (kind)",
    "Index uq_jobs_open of jobs",
  ],
  [
    "an index goes down",
    "drop index ix_sources_fingerprint; create index ix_sources_fingerprint on sources (fingerprint desc)",
    "fingerprint desc",
  ],
  [
    "an index has another name",
    "drop index ix_sources_fingerprint; create index ix_sources_print on sources (fingerprint)",
    "Index ix_sources_print of sources is there",
  ],
  ["an expression is indexed", "create index ix_lower on jobs (lower(worker))", "lower(worker)"],
  ["a view is dropped", "drop view data_quality", "View data_quality is missing"],
  ["a view is added", "create view view_by_hand as select 1 as a", "View view_by_hand is there"],
  [
    "a view is another",
    "drop view sensor_gaps; create view sensor_gaps as select 1 as a",
    "View sensor_gaps: it is",
  ],
  [
    "a view loses its trigger",
    "drop trigger tr_take_job_instead_of_insert",
    "Trigger tr_take_job_instead_of_insert of take_job is missing",
  ],
  ["a procedure is dropped", "drop view take_job", "View take_job is missing"],
  [
    "a trigger is dropped",
    "drop trigger tr_raw_events_before_delete",
    "Trigger tr_raw_events_before_delete of raw_events is missing",
  ],
  [
    "a trigger is added",
    "create trigger by_hand after insert on jobs begin select 1; end",
    "Trigger by_hand of jobs is there",
  ],
  [
    "a trigger does nothing",
    "drop trigger tr_raw_events_before_update; create trigger tr_raw_events_before_update before update on raw_events when 0 begin select 1; end",
    "Trigger tr_raw_events_before_update of raw_events",
  ],
  [
    "a trigger has another moment",
    edit("tr_jobs_before_delete", "before delete", "after delete"),
    "after delete",
  ],
  [
    "every trigger of a table is dropped",
    "drop trigger tr_jobs_before_insert; drop trigger tr_jobs_before_update; drop trigger tr_jobs_before_delete",
    "Trigger tr_jobs_before_update of jobs is missing",
  ],
  [
    "a trigger and its table are others",
    "drop trigger tr_jobs_before_delete; alter table jobs add column note text",
    "Column note of jobs is there",
  ],
  [
    "a virtual table is added",
    "create virtual table virtual_by_hand using fts5(a)",
    "Virtual table virtual_by_hand is there",
  ],
  [
    "the journal is no write-ahead log",
    "pragma journal_mode = delete",
    "Setting journal_mode of the database: its value is «delete»",
  ],
  [
    "the file says another program",
    "pragma application_id = 7",
    "Setting application_id of the database: its value is «7»",
  ],
  [
    "the file says another version",
    "pragma user_version = 3",
    "Setting user_version of the database: its value is «3»",
  ],
  [
    "the file shrinks by itself",
    "pragma auto_vacuum = full; vacuum",
    "Setting auto_vacuum of the database: its value is «1»",
  ],
  [
    "an event type is forgotten",
    "delete from event_fields where event_type = 'cowrie.login.failed' and field = 'key'",
    "Row cowrie.login.failed key of event_fields is missing",
  ],
  [
    "an event type is added",
    "insert into event_types (event_type, since, meaning) values ('cowrie.by.hand', '2.0', 'x')",
    "Row cowrie.by.hand of event_types is there",
  ],
  [
    "an event type means another thing",
    "update event_types set meaning = 'x' where event_type = 'cowrie.login.failed'",
    "Row cowrie.login.failed of event_types: its content is",
  ],
  [
    "a field has another type",
    "update event_fields set json_types = 'number' where event_type = '*' and field = 'src_ip'",
    "Row * src_ip of event_fields: its content is «number",
  ],
];
