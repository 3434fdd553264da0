-- 0014_reconcile_create
--
-- Why:         Every session is proved every night; the store remembers what was proved, what differed, and a chain of certificates, and what repairs replaced.
-- Locks:       ACCESS EXCLUSIVE on the new tables alone, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops all findings, certificates, repairs and the memory of proofs; the next reconciliation proves all again.
-- Transaction: one

create table reconcile_ranges (
  range_number integer constraint pk_reconcile_ranges primary key,
  from_session text collate "C" not null,
  before_session text collate "C" not null,
  constraint ck_reconcile_ranges_ordered check (from_session < before_session)
);

-- Two hexadecimal digits; the first range begins with the least id, the last ends behind the greatest of 1,024 bytes.
insert into reconcile_ranges (range_number, from_session, before_session)
select
  n,
  case
    when n = 0 then ''
    else lpad(to_hex(n), 2, '0')
  end,
  case
    when n = 255 then repeat(chr(1114111), 257)
    else lpad(to_hex(n + 1), 2, '0')
  end
from generate_series(0, 255) as n;

create table drift_classes (
  class text collate "C" constraint pk_drift_classes primary key,
  table_name text collate "C" not null,
  meaning text collate "C" not null,
  repair text collate "C" not null constraint ck_drift_classes_repair_known
    check (repair in ('rebuild', 'report', 'none')),
  counts_as text collate "C" not null constraint ck_drift_classes_counts_as_known
    check (counts_as in ('person', 'drift', 'unproved', 'warning'))
);

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
  table_name text collate "C" not null,
  column_name text collate "C" not null,
  class text collate "C" not null constraint fk_drift_columns_class_drift_classes
    references drift_classes (class),
  constraint pk_drift_columns primary key (table_name, column_name)
);

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
  run_id bigint generated by default as identity constraint pk_reconcile_runs
    primary key,
  job_id bigint not null constraint uq_reconcile_runs_job_id
    unique constraint fk_reconcile_runs_job_id_jobs references jobs (job_id),
  mode text collate "C" not null constraint ck_reconcile_runs_mode_known
    check (mode in ('quick', 'nightly', 'full')),
  since_position bigint not null,
  watermark_position bigint not null,
  watermark_digest bytea,
  sessions bigint not null default 0,
  events bigint not null default 0,
  buckets bigint not null default 0,
  deep_buckets bigint not null default 0,
  deep_sessions bigint not null default 0,
  differed_once bigint not null default 0,
  in_flight bigint not null default 0,
  raw_events bigint,
  summed_events bigint,
  unattributed_events bigint,
  accepted_events bigint,
  duplicate_sightings bigint,
  busy_ms bigint not null default 0,
  longest_snapshot_ms bigint not null default 0,
  tool_version text collate "C" not null,
  schema_version text collate "C" not null,
  actor text collate "C" not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  exit_code integer
);

create table reconcile_buckets (
  range_number integer not null constraint fk_reconcile_buckets_range_number_reconcile_ranges
    references reconcile_ranges (range_number),
  day text collate "C" not null,
  sessions bigint not null,
  events bigint not null,
  digest bytea not null constraint ck_reconcile_buckets_digest_length
    check (length(digest) = 32),
  proved_at timestamptz not null,
  proved_run_id bigint not null constraint fk_reconcile_buckets_proved_run_id_reconcile_runs
    references reconcile_runs (run_id),
  deep_proved_at timestamptz not null,
  deep_run_id bigint not null constraint fk_reconcile_buckets_deep_run_id_reconcile_runs
    references reconcile_runs (run_id),
  part_digests bytea not null constraint ck_reconcile_buckets_part_digests_length
    check (
      length(part_digests) between 33 and 2112
      and length(part_digests) % 33 = 0
    ),
  constraint pk_reconcile_buckets primary key (day, range_number)
);

create index ix_reconcile_buckets_range_number on reconcile_buckets (
  range_number,
  deep_run_id
);

create table reconcile_pending_buckets (
  run_id bigint not null constraint fk_reconcile_pending_buckets_run_id_reconcile_runs
    references reconcile_runs (run_id),
  range_number integer not null,
  day text collate "C" not null,
  sessions bigint not null,
  events bigint not null,
  digest bytea,
  part_digests bytea,
  constraint pk_reconcile_pending_buckets
    primary key (run_id, range_number, day)
);

create table reconcile_days (
  day text collate "C" constraint pk_reconcile_days primary key,
  digest bytea not null constraint ck_reconcile_days_digest_length
    check (length(digest) = 32)
);

create table reconcile_findings (
  finding_id bigint generated by default as identity constraint pk_reconcile_findings
    primary key,
  class text collate "C" not null constraint fk_reconcile_findings_class_drift_classes
    references drift_classes (class),
  table_name text collate "C" not null,
  session_id text collate "C" not null,
  item text collate "C" not null,
  column_name text collate "C" not null,
  stored text collate "C",
  expected text collate "C",
  state text collate "C" not null constraint ck_reconcile_findings_state_known
    check (state in ('open', 'gone', 'repaired')),
  first_seen_run_id bigint not null constraint fk_reconcile_findings_first_seen_run_id_reconcile_runs
    references reconcile_runs (run_id),
  last_seen_run_id bigint not null constraint fk_reconcile_findings_last_seen_run_id_reconcile_runs
    references reconcile_runs (run_id),
  closed_run_id bigint constraint fk_reconcile_findings_closed_run_id_reconcile_runs
    references reconcile_runs (run_id),
  constraint ck_reconcile_findings_closed
    check ((state = 'open') = (closed_run_id is null)),
  constraint uq_reconcile_findings_place
    unique (session_id, class, table_name, item, column_name)
);

create index ix_reconcile_findings_open on reconcile_findings (session_id)
where state = 'open';

create table reconcile_certificates (
  run_id bigint constraint pk_reconcile_certificates
    primary key constraint fk_reconcile_certificates_run_id_reconcile_runs
    references reconcile_runs (run_id),
  previous_root bytea not null constraint ck_reconcile_certificates_previous_root_length
    check (length(previous_root) = 32),
  root bytea not null constraint ck_reconcile_certificates_root_length
    check (length(root) = 32),
  facts text collate "C" not null,
  issued_at timestamptz not null default clock_timestamp(),
  constraint uq_reconcile_certificates_previous_root unique (previous_root)
);

-- repaired_at is NULL only within the transaction that repairs; after_line and after_updated_at are what an undo must find.
create table repairs (
  repair_id bigint generated by default as identity constraint pk_repairs
    primary key,
  run_id bigint not null constraint fk_repairs_run_id_reconcile_runs
    references reconcile_runs (run_id),
  session_id text collate "C" not null,
  cause text collate "C" not null,
  actor text collate "C" not null,
  after_line text collate "C",
  after_updated_at timestamptz,
  repaired_at timestamptz,
  undone_at timestamptz,
  constraint uq_repairs_run_id_session_id unique (run_id, session_id),
  constraint ck_repairs_undone_after
    check (undone_at is null or repaired_at is not null)
);

create table repaired_summaries (
  repair_id bigint not null constraint fk_repaired_summaries_repair_id_repairs
    references repairs (repair_id),
  session_id text collate "C",
  summary_id bigint,
  source_ip text collate "C",
  source_ip_key text collate "C",
  source_ip_least text collate "C",
  source_ip_greatest text collate "C",
  sensor text collate "C",
  sensor_key text collate "C",
  sensor_least text collate "C",
  sensor_greatest text collate "C",
  protocol text collate "C",
  protocol_key text collate "C",
  client_version text collate "C",
  client_version_key text collate "C",
  hassh text collate "C",
  hassh_key text collate "C",
  has_connect boolean,
  has_closed boolean,
  has_session_field boolean,
  first_event_at timestamptz,
  last_event_at timestamptz,
  reported_duration_ms bigint,
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
  vt_flagged boolean,
  dshield_flagged boolean,
  snapshot_asn bigint,
  snapshot_country text collate "C",
  snapshot_ip_type text collate "C",
  snapshot_status text collate "C",
  enrichment jsonb,
  enrichment_at timestamptz,
  snapshot_job_id bigint,
  created_at timestamptz,
  updated_at timestamptz,
  constraint pk_repaired_summaries primary key (repair_id)
);

create table repaired_commands (
  repair_id bigint not null constraint fk_repaired_commands_repair_id_repairs
    references repairs (repair_id),
  session_id text collate "C",
  command text collate "C",
  inputs integer,
  successes integer,
  failures integer,
  first_seen timestamptz,
  last_seen timestamptz,
  high_risk boolean,
  command_digest bytea not null generated always as (
    text_digest(command)
  ) stored,
  constraint pk_repaired_commands primary key (repair_id, command_digest)
);

create table repaired_files (
  repair_id bigint not null constraint fk_repaired_files_repair_id_repairs
    references repairs (repair_id),
  session_id text collate "C",
  shasum text collate "C" not null,
  url text collate "C",
  url_key text collate "C",
  file_name text collate "C",
  file_name_key text collate "C",
  first_seen timestamptz,
  occurrences integer,
  constraint pk_repaired_files primary key (repair_id, shasum)
);
