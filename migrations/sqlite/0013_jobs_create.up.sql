-- 0013_jobs_create
--
-- Why:         A long operation keeps its place in the store, in the transaction of its work, so that any worker can go on with it.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops the jobs and what is known of sessions they could not do.
-- Transaction: one

create table jobs (
  job_id integer constraint pk_jobs primary key,
  kind text not null constraint ck_jobs_kind_known
    check (
      kind in (
        'rebuild_summaries',
        'rebuild_command_stats',
        'backfill_snapshots',
        'clear_snapshots',
        'reconcile'
      )
    ),
  params text not null default '{}' constraint ck_jobs_params_object
    check (json_valid(params, 1) and json_type(params) = 'object'),
  state text not null default 'running' constraint ck_jobs_state_known
    check (
      state in (
        'running',
        'paused',
        'failed',
        'done',
        'needs_attention',
        'cancelled'
      )
    ),
  phase text not null default 'missing' constraint ck_jobs_phase_known
    check (
      phase in (
        'missing',
        'sessions',
        'strays',
        'proving',
        'repairing',
        'undoing',
        'end'
      )
    ),
  cursor integer not null default 0,
  last_cursor integer not null default 0,
  session_cursor text not null default '',
  total integer not null default 0,
  processed integer not null default 0,
  rows_inserted integer not null default 0,
  rows_updated integer not null default 0,
  rows_deleted integer not null default 0,
  failed_batches integer not null default 0,
  restarts integer not null default 0,
  batch_size integer not null default 1000 constraint ck_jobs_batch_size_range
    check (batch_size between 1 and 1000000),
  fence integer not null default 0,
  worker text,
  heartbeat_at text,
  actor text not null,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  started_at text,
  finished_at text,
  error text,
  constraint ck_jobs_finished_at_set
    check (
      (state in ('done', 'needs_attention', 'cancelled')) = (
        finished_at is not null
      )
    ),
  constraint ck_jobs_done_at_end
    check (state not in ('done', 'needs_attention') or phase = 'end')
)
strict;

-- A reconciliation has a mode, and one of each may be open; only one of them has a worker, see take_job.
create unique index uq_jobs_open on jobs (
  kind,
  coalesce(params ->> '$.mode', '')
)
where state in ('running', 'paused', 'failed');

create table job_failures (
  job_id integer not null constraint fk_job_failures_job_id_jobs
    references jobs (job_id),
  session_id text not null,
  error text not null,
  failed_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  constraint pk_job_failures primary key (job_id, session_id)
)
strict, without rowid;
