-- 0014_reconcile_create
--
-- Why:         Every session is proved every night; the store remembers what was proved, what differed, and a chain of certificates, and what repairs replaced.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops all findings, certificates, repairs and the memory of proofs; the next reconciliation proves all again.
-- Transaction: one
-- Differs:     booleans are 0 or 1, instants are TEXT of 27 characters.

create table reconcile_ranges (
  range_number integer constraint pk_reconcile_ranges primary key,
  from_session text not null,
  before_session text not null,
  constraint ck_reconcile_ranges_ordered check (from_session < before_session)
)
strict;

-- Two hexadecimal digits; the first range begins with the least id, the last ends behind the greatest of 1,024 bytes.
insert into reconcile_ranges (range_number, from_session, before_session)
with recursive
  numbers(n) as (
    select 0
    union all
    select n + 1
    from numbers
    where n < 255
  )
select
  n,
  case
    when n = 0 then ''
    else printf('%02x', n)
  end,
  case
    when n = 255 then replace(printf('%.257c', 'x'), 'x', char(1114111))
    else printf('%02x', n + 1)
  end
from numbers;

create table drift_classes (
  class text constraint pk_drift_classes primary key,
  table_name text not null,
  meaning text not null,
  repair text not null constraint ck_drift_classes_repair_known
    check (repair in ('rebuild', 'report', 'none')),
  counts_as text not null constraint ck_drift_classes_counts_as_known
    check (counts_as in ('person', 'drift', 'unproved', 'warning'))
)
strict, without rowid;

insert into drift_classes (class, table_name, meaning, repair, counts_as)
values
  (
    'missing_summary',
    'session_summaries',
    'events are there, the summary is not',
    'rebuild',
    'drift'
  ),
  (
    'orphan_summary',
    'session_summaries',
    'a summary without any event',
    'rebuild',
    'drift'
  ),
  (
    'wrong_event_count',
    'session_summaries',
    'another number of events',
    'rebuild',
    'drift'
  ),
  (
    'wrong_type_count',
    'session_summaries',
    'another number of events of a kind',
    'rebuild',
    'drift'
  ),
  (
    'wrong_first_at',
    'session_summaries',
    'not the time of the earliest event',
    'rebuild',
    'drift'
  ),
  (
    'wrong_last_at',
    'session_summaries',
    'not the time of the latest event',
    'rebuild',
    'drift'
  ),
  (
    'wrong_merge_field',
    'session_summaries',
    'not what the merge rule of the column gives',
    'rebuild',
    'drift'
  ),
  (
    'wrong_generated_column',
    'session_summaries',
    'a generated column follows from a wrong one, or was edited',
    'rebuild',
    'drift'
  ),
  (
    'missing_command',
    'command_stats',
    'a command was typed, its row is not there',
    'rebuild',
    'drift'
  ),
  (
    'orphan_command',
    'command_stats',
    'a row of a command that no event has',
    'rebuild',
    'drift'
  ),
  (
    'wrong_command',
    'command_stats',
    'a column is not what the events give',
    'rebuild',
    'drift'
  ),
  (
    'missing_file',
    'session_files',
    'a file was seen, its row is not there',
    'rebuild',
    'drift'
  ),
  (
    'orphan_file',
    'session_files',
    'a row of a file that no event has',
    'rebuild',
    'drift'
  ),
  (
    'wrong_file',
    'session_files',
    'a column is not what the events give',
    'rebuild',
    'drift'
  ),
  (
    'wrong_batch_count',
    'ingest_batches',
    'a batch has another number of events than it was sealed with',
    'report',
    'drift'
  ),
  (
    'identity_mismatch',
    'raw_events',
    'the stored session id is not the one in the payload',
    'report',
    'drift'
  ),
  (
    'certificate_mismatch',
    'reconcile_certificates',
    'a certificate, or what it stands for, was changed',
    'report',
    'person'
  ),
  (
    'stale_score',
    'session_summaries',
    'a score that may be right by risk rules that were changed since; a rebuild scores anew',
    'rebuild',
    'unproved'
  ),
  (
    'unproved',
    'reconcile_ranges',
    'a range of sessions could not be read',
    'none',
    'unproved'
  ),
  (
    'trigger_bypassed',
    'reconcile_buckets',
    'rows changed that no batch since the last proof accounts for',
    'report',
    'warning'
  );

create table drift_columns (
  table_name text not null,
  column_name text not null,
  class text not null constraint fk_drift_columns_class_drift_classes
    references drift_classes (class),
  constraint pk_drift_columns primary key (table_name, column_name)
)
strict, without rowid;

insert into drift_columns (table_name, column_name, class)
values
  ('session_summaries', '(missing)', 'missing_summary'),
  ('session_summaries', '(orphan)', 'orphan_summary'),
  ('session_summaries', '(stale)', 'stale_score'),
  ('session_summaries', 'event_count', 'wrong_event_count'),
  ('session_summaries', 'first_event_at', 'wrong_first_at'),
  ('session_summaries', 'last_event_at', 'wrong_last_at'),
  ('session_summaries', 'closed_count', 'wrong_type_count'),
  ('session_summaries', 'command_inputs', 'wrong_type_count'),
  ('session_summaries', 'command_successes', 'wrong_type_count'),
  ('session_summaries', 'command_failures', 'wrong_type_count'),
  ('session_summaries', 'ssh_key_inputs', 'wrong_type_count'),
  ('session_summaries', 'ssh_key_successes', 'wrong_type_count'),
  ('session_summaries', 'ssh_key_failures', 'wrong_type_count'),
  ('session_summaries', 'login_attempts', 'wrong_type_count'),
  ('session_summaries', 'login_successes', 'wrong_type_count'),
  ('session_summaries', 'file_downloads', 'wrong_type_count'),
  ('session_summaries', 'file_uploads', 'wrong_type_count'),
  ('session_summaries', 'matcher', 'wrong_generated_column'),
  ('session_summaries', 'is_collision', 'wrong_generated_column'),
  ('session_summaries', 'command_count', 'wrong_generated_column'),
  ('session_summaries', 'ssh_key_injections', 'wrong_generated_column'),
  ('session_summaries', 'duration_seconds', 'wrong_generated_column'),
  ('session_summaries', 'source_ip', 'wrong_merge_field'),
  ('session_summaries', 'source_ip_key', 'wrong_merge_field'),
  ('session_summaries', 'source_ip_least', 'wrong_merge_field'),
  ('session_summaries', 'source_ip_greatest', 'wrong_merge_field'),
  ('session_summaries', 'sensor', 'wrong_merge_field'),
  ('session_summaries', 'sensor_key', 'wrong_merge_field'),
  ('session_summaries', 'sensor_least', 'wrong_merge_field'),
  ('session_summaries', 'sensor_greatest', 'wrong_merge_field'),
  ('session_summaries', 'protocol', 'wrong_merge_field'),
  ('session_summaries', 'protocol_key', 'wrong_merge_field'),
  ('session_summaries', 'client_version', 'wrong_merge_field'),
  ('session_summaries', 'client_version_key', 'wrong_merge_field'),
  ('session_summaries', 'hassh', 'wrong_merge_field'),
  ('session_summaries', 'hassh_key', 'wrong_merge_field'),
  ('session_summaries', 'has_connect', 'wrong_merge_field'),
  ('session_summaries', 'has_closed', 'wrong_merge_field'),
  ('session_summaries', 'has_session_field', 'wrong_merge_field'),
  ('session_summaries', 'reported_duration_ms', 'wrong_merge_field'),
  ('session_summaries', 'risk_score', 'wrong_merge_field'),
  ('command_stats', '(missing)', 'missing_command'),
  ('command_stats', '(orphan)', 'orphan_command'),
  ('command_stats', '(stale)', 'stale_score'),
  ('command_stats', 'inputs', 'wrong_command'),
  ('command_stats', 'successes', 'wrong_command'),
  ('command_stats', 'failures', 'wrong_command'),
  ('command_stats', 'occurrences', 'wrong_command'),
  ('command_stats', 'first_seen', 'wrong_command'),
  ('command_stats', 'last_seen', 'wrong_command'),
  ('command_stats', 'high_risk', 'wrong_command'),
  ('session_files', '(missing)', 'missing_file'),
  ('session_files', '(orphan)', 'orphan_file'),
  ('session_files', 'url', 'wrong_file'),
  ('session_files', 'url_key', 'wrong_file'),
  ('session_files', 'file_name', 'wrong_file'),
  ('session_files', 'file_name_key', 'wrong_file'),
  ('session_files', 'first_seen', 'wrong_file'),
  ('session_files', 'occurrences', 'wrong_file');

-- Where a run is, who works on it and whether it is to go on, its job says. finished_at is set when its verdict is.
create table reconcile_runs (
  run_id integer constraint pk_reconcile_runs primary key,
  job_id integer not null constraint uq_reconcile_runs_job_id
    unique constraint fk_reconcile_runs_job_id_jobs references jobs (job_id),
  mode text not null constraint ck_reconcile_runs_mode_known
    check (mode in ('quick', 'nightly', 'full')),
  since_position integer not null,
  watermark_position integer not null,
  watermark_digest blob,
  sessions integer not null default 0,
  events integer not null default 0,
  buckets integer not null default 0,
  deep_buckets integer not null default 0,
  deep_sessions integer not null default 0,
  differed_once integer not null default 0,
  in_flight integer not null default 0,
  raw_events integer,
  summed_events integer,
  unattributed_events integer,
  accepted_events integer,
  duplicate_sightings integer,
  busy_ms integer not null default 0,
  longest_snapshot_ms integer not null default 0,
  tool_version text not null,
  schema_version text not null,
  actor text not null,
  started_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  finished_at text,
  exit_code integer
)
strict;

create table reconcile_buckets (
  range_number integer not null constraint fk_reconcile_buckets_range_number_reconcile_ranges
    references reconcile_ranges (range_number),
  day text not null,
  sessions integer not null,
  events integer not null,
  digest blob not null constraint ck_reconcile_buckets_digest_length
    check (length(digest) = 32),
  proved_at text not null,
  proved_run_id integer not null constraint fk_reconcile_buckets_proved_run_id_reconcile_runs
    references reconcile_runs (run_id),
  deep_proved_at text not null,
  deep_run_id integer not null constraint fk_reconcile_buckets_deep_run_id_reconcile_runs
    references reconcile_runs (run_id),
  part_digests blob not null constraint ck_reconcile_buckets_part_digests_length
    check (
      length(part_digests) between 33 and 2112
      and length(part_digests) % 33 = 0
    ),
  constraint pk_reconcile_buckets primary key (day, range_number)
)
strict, without rowid;

create index ix_reconcile_buckets_range_number on reconcile_buckets (
  range_number,
  deep_run_id
);

create table reconcile_pending_buckets (
  run_id integer not null constraint fk_reconcile_pending_buckets_run_id_reconcile_runs
    references reconcile_runs (run_id),
  range_number integer not null,
  day text not null,
  sessions integer not null,
  events integer not null,
  digest blob,
  part_digests blob,
  constraint pk_reconcile_pending_buckets
    primary key (run_id, range_number, day)
)
strict, without rowid;

create table reconcile_days (
  day text constraint pk_reconcile_days primary key,
  digest blob not null constraint ck_reconcile_days_digest_length
    check (length(digest) = 32)
)
strict, without rowid;

create table reconcile_findings (
  finding_id integer constraint pk_reconcile_findings primary key,
  class text not null constraint fk_reconcile_findings_class_drift_classes
    references drift_classes (class),
  table_name text not null,
  session_id text not null,
  item text not null,
  column_name text not null,
  stored text,
  expected text,
  state text not null constraint ck_reconcile_findings_state_known
    check (state in ('open', 'gone', 'repaired')),
  first_seen_run_id integer not null constraint fk_reconcile_findings_first_seen_run_id_reconcile_runs
    references reconcile_runs (run_id),
  last_seen_run_id integer not null constraint fk_reconcile_findings_last_seen_run_id_reconcile_runs
    references reconcile_runs (run_id),
  closed_run_id integer constraint fk_reconcile_findings_closed_run_id_reconcile_runs
    references reconcile_runs (run_id),
  constraint ck_reconcile_findings_closed
    check ((state = 'open') = (closed_run_id is null)),
  constraint uq_reconcile_findings_place
    unique (session_id, class, table_name, item, column_name)
)
strict;

create index ix_reconcile_findings_open on reconcile_findings (session_id)
where state = 'open';

create table reconcile_certificates (
  run_id integer constraint pk_reconcile_certificates
    primary key constraint fk_reconcile_certificates_run_id_reconcile_runs
    references reconcile_runs (run_id),
  previous_root blob not null constraint ck_reconcile_certificates_previous_root_length
    check (length(previous_root) = 32),
  root blob not null constraint ck_reconcile_certificates_root_length
    check (length(root) = 32),
  facts text not null,
  issued_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  constraint uq_reconcile_certificates_previous_root unique (previous_root)
)
strict;

-- repaired_at is NULL only within the transaction that repairs; after_line and after_updated_at are what an undo must find.
create table repairs (
  repair_id integer constraint pk_repairs primary key,
  run_id integer not null constraint fk_repairs_run_id_reconcile_runs
    references reconcile_runs (run_id),
  session_id text not null,
  cause text not null,
  actor text not null,
  after_line text,
  after_updated_at text,
  repaired_at text,
  undone_at text,
  constraint uq_repairs_run_id_session_id unique (run_id, session_id),
  constraint ck_repairs_undone_after
    check (undone_at is null or repaired_at is not null)
)
strict;

create table repaired_summaries (
  repair_id integer not null constraint fk_repaired_summaries_repair_id_repairs
    references repairs (repair_id),
  session_id text,
  summary_id integer,
  source_ip text,
  source_ip_key text,
  source_ip_least text,
  source_ip_greatest text,
  sensor text,
  sensor_key text,
  sensor_least text,
  sensor_greatest text,
  protocol text,
  protocol_key text,
  client_version text,
  client_version_key text,
  hassh text,
  hassh_key text,
  has_connect integer,
  has_closed integer,
  has_session_field integer,
  first_event_at text,
  last_event_at text,
  reported_duration_ms integer,
  closed_count integer,
  event_count integer,
  command_inputs integer,
  command_successes integer,
  command_failures integer,
  login_attempts integer,
  login_successes integer,
  file_downloads integer,
  file_uploads integer,
  ssh_key_inputs integer,
  ssh_key_successes integer,
  ssh_key_failures integer,
  risk_score integer,
  vt_flagged integer,
  dshield_flagged integer,
  snapshot_asn integer,
  snapshot_country text,
  snapshot_ip_type text,
  snapshot_status text,
  enrichment text,
  enrichment_at text,
  snapshot_job_id integer,
  created_at text,
  updated_at text,
  constraint pk_repaired_summaries primary key (repair_id)
)
strict, without rowid;

create table repaired_commands (
  repair_id integer not null constraint fk_repaired_commands_repair_id_repairs
    references repairs (repair_id),
  session_id text,
  command text not null,
  inputs integer,
  successes integer,
  failures integer,
  first_seen text,
  last_seen text,
  high_risk integer,
  constraint pk_repaired_commands primary key (repair_id, command)
)
strict, without rowid;

create table repaired_files (
  repair_id integer not null constraint fk_repaired_files_repair_id_repairs
    references repairs (repair_id),
  session_id text,
  shasum text not null,
  url text,
  url_key text,
  file_name text,
  file_name_key text,
  first_seen text,
  occurrences integer,
  constraint pk_repaired_files primary key (repair_id, shasum)
)
strict, without rowid;
