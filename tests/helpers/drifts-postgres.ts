import type { DriftCase } from "./drifts.ts";

/** Drifts of a PostgreSQL store. */
export const postgresDrifts: readonly DriftCase[] = [
  ["a column is added", "alter table jobs add column note text", "Column note of jobs is there"],
  ["a column is dropped", "alter table jobs drop column error", "Column error of jobs is missing", "lost"],
  [
    "a column is renamed",
    "alter table verifications rename column finished_at to ended_at",
    "Column finished_at of verifications is missing",
    "lost",
  ],
  [
    "a column has another type",
    "alter table runbook_runs alter column step_count type smallint",
    "Column step_count of runbook_runs: its type is «smallint», and should be",
  ],
  [
    "a column that a view reads has another type",
    "alter table runbook_runs alter column step_count type numeric; create view steps_by_hand as select r.step_count from runbook_runs as r",
    "Column step_count of runbook_runs: its type is «numeric»",
  ],
  [
    "a column may be NULL",
    "alter table jobs alter column actor drop not null",
    "its nullability is «null», and should be «not null»",
  ],
  [
    "a column may not be NULL",
    "alter table jobs alter column worker set not null",
    "its nullability is «not null», and should be «null»",
  ],
  [
    "a column has another default",
    "alter table jobs alter column batch_size set default 7",
    "its default is «7», and should be «1000»",
  ],
  [
    "a column has no default",
    "alter table jobs alter column fence drop default",
    "its default is none, and should be «0»",
  ],
  ["a column has a default", "alter table jobs alter column worker set default 'me'", "and should be none"],
  [
    "a column is generated no more",
    "alter table command_stats alter column occurrences drop expression",
    "Column occurrences of command_stats: its generation is none",
    "place",
  ],
  [
    "a column has no identity",
    "alter table jobs alter column job_id drop identity",
    "Column job_id of jobs: its identity is none, and should be «by default»",
  ],
  [
    "a column's identity is another",
    "alter table jobs alter column job_id set generated always",
    "its identity is «always»",
  ],
  [
    "an identity counts otherwise",
    "alter table jobs alter column job_id set increment by 5",
    "increment by 5",
  ],
  [
    "a column sorts otherwise",
    'alter table reserved_prefixes alter column meaning type text collate "default"',
    'its collation is none, and should be «"C"»',
  ],
  [
    "a column is stored otherwise",
    "alter table audit_log alter column row_key set storage external",
    "its storage is «external»",
  ],
  [
    "a column has another target of statistics",
    "alter table raw_events alter column session_id set statistics 1000",
    "its statistics target is «1000»",
  ],
  [
    "a column has options",
    "alter table raw_events alter column session_id set (n_distinct = 5)",
    "its options is «n_distinct=5»",
  ],
  [
    "a check is gone",
    "alter table jobs drop constraint ck_jobs_batch_size_range",
    "Check ck_jobs_batch_size_range of jobs is missing",
  ],
  [
    "a check is added",
    "alter table jobs add constraint ck_more check (total >= 0)",
    "Check ck_more of jobs is there",
  ],
  [
    "a check is looser",
    "alter table jobs drop constraint ck_jobs_batch_size_range; alter table jobs add constraint ck_jobs_batch_size_range check (batch_size > 0)",
    "Check ck_jobs_batch_size_range of jobs: it is",
  ],
  [
    "a check is not validated",
    "alter table jobs drop constraint ck_jobs_batch_size_range; alter table jobs add constraint ck_jobs_batch_size_range check (batch_size between 1 and 1000000) not valid",
    "its validity is «not validated»",
  ],
  [
    "a foreign key is gone",
    "alter table event_fields drop constraint fk_event_fields_flag_event_flags",
    "Foreign key fk_event_fields_flag_event_flags of event_fields is missing",
  ],
  [
    "a foreign key cascades",
    "alter table event_fields drop constraint fk_event_fields_flag_event_flags; alter table event_fields add constraint fk_event_fields_flag_event_flags foreign key (flag) references event_flags (flag) on delete cascade",
    "CASCADE",
  ],
  [
    "a unique constraint is gone",
    "alter table risk_rules drop constraint uq_risk_rules_rule",
    "Unique constraint uq_risk_rules_rule of risk_rules is missing",
  ],
  [
    "a primary key that others refer to is another",
    "alter table event_flags drop constraint pk_event_flags cascade",
    "Primary key pk_event_flags of event_flags is missing",
  ],
  [
    "an index is dropped",
    "drop index ix_dead_letter_events_batch_id",
    "Index ix_dead_letter_events_batch_id of dead_letter_events is missing",
  ],
  ["an index is added", "create index ix_by_hand on jobs (worker)", "Index ix_by_hand of jobs is there"],
  [
    "an index has another predicate",
    "drop index ix_raw_events_hassh; create index ix_raw_events_hassh on raw_events (hassh)",
    "WHERE (hassh IS NOT NULL)",
  ],
  [
    "an index is unique no more",
    "drop index uq_jobs_open; create index uq_jobs_open on jobs (kind)",
    "Index uq_jobs_open of jobs: it is",
  ],
  [
    "an index is not valid",
    "update pg_index set indisvalid = false where indexrelid = 'ix_raw_events_hassh'::regclass",
    "its validity is «not valid: no query uses it»",
  ],
  [
    "an index has another name",
    "alter index ix_sources_fingerprint rename to ix_sources_print",
    "Index ix_sources_print of sources is there",
  ],
  ["a view is dropped", "drop view sensor_gaps cascade", "View sensor_gaps is missing"],
  ["a view is added", "create view view_by_hand as select 1 as a", "View view_by_hand is there"],
  [
    "a view that others read is another",
    "create or replace view sensor_presence as select coalesce(r.sensor, '') as sensor, r.first_event_at as begins_at, r.last_event_at as ends_at from session_summaries as r where false",
    "View sensor_presence: it is",
  ],
  [
    "a view has a setting",
    "alter view data_quality set (security_barrier = true)",
    "Setting security_barrier of data_quality is there",
  ],
  [
    "a materialized view is added",
    "create materialized view matter_by_hand as select 1 as a",
    "Materialized view matter_by_hand is there",
  ],
  [
    "a trigger is dropped",
    "drop trigger tr_raw_events_before_delete on raw_events",
    "Trigger tr_raw_events_before_delete of raw_events is missing",
  ],
  [
    "a trigger is disabled",
    "alter table raw_events disable trigger tr_raw_events_before_delete",
    "its state is «disabled»",
  ],
  [
    "a trigger is always enabled",
    "alter table raw_events enable always trigger tr_raw_events_before_delete",
    "its state is «enabled always»",
  ],
  [
    "a trigger is added",
    "create trigger by_hand before insert on jobs for each row execute function pg_catalog.suppress_redundant_updates_trigger()",
    "Trigger by_hand of jobs is there",
  ],
  [
    "the foreign keys of a table are off",
    "alter table event_fields disable trigger all",
    "its enforcement of foreign keys is «off for fk_event_fields_flag_event_flags»",
  ],
  [
    "a function has another body",
    "create or replace function whole_number(value text) returns bigint language sql immutable as 'select 7::bigint'",
    "Function whole_number(value text): its body is",
  ],
  [
    "a function is volatile",
    "alter function time_text(timestamptz) volatile",
    "its volatility is «volatile», and should be",
  ],
  [
    "a function runs as its owner",
    "alter function time_text(timestamptz) security definer",
    "its security is «definer», and should be «invoker»",
  ],
  [
    "a function has no path",
    "alter function tg_raw_events_before_delete() reset search_path",
    "its settings is none",
  ],
  ["a function is dropped", "drop function archive_session cascade", "is missing"],
  [
    "a function of the same name is added",
    "create function time_text(a integer) returns text language sql as 'select 1::text'",
    "Function time_text(a integer) is there",
  ],
  [
    "a function is everybody's",
    "grant execute on function note_audit to public",
    "its use by everybody is none, and should be «refused»",
  ],
  ["a procedure is dropped", "drop procedure undo_batch", "Procedure undo_batch("],
  [
    "a role may more",
    "grant insert on raw_events to cowrie_reporter",
    "Privilege insert for cowrie_reporter on raw_events is there",
  ],
  [
    "a role may less",
    "revoke select on raw_events from cowrie_reporter",
    "Privilege select for cowrie_reporter on raw_events is missing",
  ],
  [
    "a role may pass on what it may",
    "grant select on raw_events to cowrie_reporter with grant option",
    "with the right to pass it on",
  ],
  [
    "a role may write a column",
    "grant update (worker) on jobs to cowrie_reporter",
    "Privilege update (worker) for cowrie_reporter on jobs is there",
  ],
  [
    "everybody may use the schema",
    "grant usage on schema cowrie to public",
    "Privilege usage for public on cowrie is there",
  ],
  [
    "a table has another owner",
    "grant create on schema cowrie to cowrie_loader; alter table job_failures owner to cowrie_loader",
    "Table job_failures: its owner is «cowrie_loader»",
  ],
  [
    "what is made is everybody's",
    "alter default privileges in schema cowrie grant select on tables to public",
    "Default privilege select on tables made by postgres for public on cowrie is there",
  ],
  ["row security is on", "alter table raw_events enable row level security", "its row security is «on»"],
  ["a policy is added", "create policy by_hand on jobs using (true)", "Policy by_hand of jobs is there"],
  [
    "autovacuum is off",
    "alter table raw_events set (autovacuum_enabled = false)",
    "Setting autovacuum_enabled of raw_events is there",
  ],
  ["pages are filled less", "alter table jobs set (fillfactor = 50)", "Setting fillfactor of jobs is there"],
  [
    "a table is not logged",
    "alter table job_failures set unlogged",
    "Table job_failures: its persistence is «unlogged»",
  ],
  [
    "a table's rows are told in full",
    "alter table jobs replica identity full",
    "its replica identity is «full»",
  ],
  [
    "a table has a comment",
    "comment on table jobs is 'x'",
    "Table jobs: its comment is «x», and should be none",
  ],
  [
    "a column has a comment",
    "comment on column jobs.total is 'x'",
    "Column total of jobs: its comment is «x»",
  ],
  [
    "a table is added",
    "create table by_hand (a integer primary key, b text)",
    "Table by_hand is there",
    "lost",
  ],
  ["a table is dropped", "drop table job_failures cascade", "Table job_failures is missing", "lost"],
  ["a sequence is added", "create sequence sequence_by_hand", "Sequence sequence_by_hand is there"],
  [
    "commits do not wait for the disk",
    "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
    "Setting synchronous_commit of the database is there",
  ],
  [
    "a role's sessions fire no triggers",
    "do $$ begin execute format('alter role cowrie_loader in database %I set session_replication_role = replica', current_database()); end $$",
    "Setting session_replication_role of role cowrie_loader is there",
  ],
  [
    "columns have statistics together",
    "create statistics by_hand on session_id, event_id from raw_events",
    "Statistics by_hand of raw_events is there",
  ],
  ["an enumeration is added", "create type type_by_hand as enum ('a')", "Type type_by_hand is there"],
  [
    "a rule is added",
    "create rule by_hand as on delete to jobs do instead nothing",
    "Rule by_hand of jobs is there",
  ],
  [
    "an event type is forgotten",
    "delete from event_fields where event_type = 'cowrie.login.failed' and field = 'key'",
    "Row cowrie.login.failed key of event_fields is missing",
  ],
  [
    "an event type means another thing",
    "update event_types set meaning = 'x' where event_type = 'cowrie.login.failed'",
    "Row cowrie.login.failed of event_types: its content is",
  ],
];
