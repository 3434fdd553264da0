-- 0019_hydrate_create
--
-- Why:         A store that is copied from the other engine knows from where, how far, and what is set aside meanwhile; readers and loaders obey one row.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new, and store_state has one row.
-- Undo:        The down file drops the records of copies. A store that is being copied is not to be undone: its indexes may be set aside.
-- Transaction: one

create table store_state (
  store_state_id integer constraint pk_store_state
    primary key constraint ck_store_state_one_row check (store_state_id = 1),
  store_id text not null constraint ck_store_state_store_id_some
    check (store_id != ''),
  state text not null constraint ck_store_state_state_known
    check (state in ('open', 'hydrating', 'copied', 'retired')),
  moved_to text,
  actor text not null,
  changed_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;

insert into store_state (store_state_id, store_id, state, actor)
values (1, lower(hex(randomblob(16))), 'open', 'migration');

create table hydrations (
  hydration_id integer constraint pk_hydrations primary key,
  source_store_id text not null,
  source_name text not null,
  state text not null constraint ck_hydrations_state_known
    check (state in ('running', 'stopped', 'failed', 'done')),
  phase text not null,
  settings text not null default '{}' constraint ck_hydrations_settings_object
    check (json_valid(settings, 1) and json_type(settings) = 'object'),
  chunks_copied integer not null default 0,
  chunks_kept integer not null default 0,
  rows_copied integer not null default 0,
  bytes_copied integer not null default 0,
  tool_version text not null,
  schema_version text not null,
  actor text not null,
  worker text not null,
  started_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  finished_at text,
  error text,
  constraint ck_hydrations_finished_at_set
    check ((state = 'running') = (finished_at is null))
)
strict;

create table hydration_chunks (
  table_name text not null,
  last_key text not null,
  after_key text,
  hydration_id integer not null constraint fk_hydration_chunks_hydration_id_hydrations
    references hydrations (hydration_id),
  row_count integer not null constraint ck_hydration_chunks_row_count_positive
    check (row_count >= 0),
  byte_count integer not null constraint ck_hydration_chunks_byte_count_positive
    check (byte_count >= 0),
  quarantined integer not null constraint ck_hydration_chunks_quarantined_positive
    check (quarantined >= 0),
  digest blob not null constraint ck_hydration_chunks_digest_length
    check (length(digest) = 32),
  batches_digest blob constraint ck_hydration_chunks_batches_digest_length
    check (length(batches_digest) = 32),
  copied_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  constraint pk_hydration_chunks primary key (table_name, last_key)
)
strict, without rowid;

create table hydration_objects (
  hydration_object_id integer constraint pk_hydration_objects primary key,
  hydration_id integer not null constraint fk_hydration_objects_hydration_id_hydrations
    references hydrations (hydration_id),
  step integer not null,
  kind text not null,
  table_name text not null,
  name text not null,
  back_text text not null,
  state text not null constraint ck_hydration_objects_state_known
    check (state in ('aside', 'back')),
  changed_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;

create index ix_hydration_objects_aside on hydration_objects (step)
where state = 'aside';

create table hydration_quarantine (
  hydration_quarantine_id integer constraint pk_hydration_quarantine
    primary key,
  hydration_id integer not null constraint fk_hydration_quarantine_hydration_id_hydrations
    references hydrations (hydration_id),
  table_name text not null,
  last_key text not null,
  row_key text not null,
  column_name text not null,
  reason text not null,
  detail text not null,
  raw blob not null,
  raw_digest blob not null constraint ck_hydration_quarantine_raw_digest_length
    check (length(raw_digest) = 32),
  row_values text not null,
  noted_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;

create index ix_hydration_quarantine_chunk on hydration_quarantine (
  table_name,
  last_key
);
