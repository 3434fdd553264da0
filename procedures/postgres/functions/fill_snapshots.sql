-- fill_snapshots: gives the sessions of a range of summary_id the snapshot that they lack.
--
-- Takes:   job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at
-- Gives:   nothing
-- Reads:   session_snapshots; pg_locks
-- Writes:  session_summaries; snapshot_priors; jobs: rows_updated
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- What a session has already is not replaced, but for a status that says that nothing was known of its address.
--
-- A row is locked in key order, or not at all where this transaction has the table to itself: it has set its indexes aside.
--
-- Planned for each batch: a plan for any range reads the whole table for each.
create or replace function fill_snapshots(
  job_id bigint,
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz
)
returns void
language plpgsql
set jit = off
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
  v_rows bigint;
begin
  if
    not exists (
      select
      from pg_locks as l
      where
        l.locktype = 'relation'
        and l.pid = pg_backend_pid()
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        and l.relation = 'session_summaries'::regclass
        and l.mode = 'AccessExclusiveLock'
        and l.granted
    )
  then
    perform
    from session_summaries as s
    where s.summary_id > after_id and s.summary_id <= up_to_id
    order by s.session_id
    for no key update;
  end if;

  insert into snapshot_priors (job_id, session_id, snapshot_status, snapshot_job_id)
  select fill_snapshots.job_id, x.session_id, x.stored_status, x.stored_job_id
  from session_snapshots as x
  where
    x.summary_id > after_id
    and x.summary_id <= up_to_id
    and x.first_event_at >= from_at
    and x.first_event_at < to_at
    and x.stored_status is not null
    and x.is_due;

  update session_summaries
  set
    snapshot_asn = x.snapshot_asn,
    snapshot_country = x.snapshot_country,
    snapshot_ip_type = x.snapshot_ip_type,
    enrichment = x.enrichment,
    enrichment_at = x.enrichment_at,
    snapshot_status = x.snapshot_status,
    snapshot_job_id = fill_snapshots.job_id
  from session_snapshots as x
  where
    x.summary_id > after_id
    and x.summary_id <= up_to_id
    and x.first_event_at >= from_at
    and x.first_event_at < to_at
    and x.is_due
    and session_summaries.summary_id = x.summary_id;
  get diagnostics v_rows = row_count;

  update jobs as j set rows_updated = j.rows_updated + v_rows where j.job_id = fill_snapshots.job_id;
end;
$$;
