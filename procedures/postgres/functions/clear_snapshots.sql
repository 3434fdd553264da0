-- clear_snapshots: takes back the snapshots that a job has filled, in a range of summary_id.
--
-- Takes:   job_id, whose counts grow; filled_by_job_id; after_id, up_to_id
-- Gives:   nothing
-- Reads:   snapshot_priors
-- Writes:  session_summaries, locked in key order; jobs: rows_updated
-- Calls:   note_audit
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- A session gets the status back that the job found, and is empty otherwise, as every session is that a job may fill.
--
-- Planned for each batch: a plan for any range reads the whole table for each.
create or replace function clear_snapshots(
  job_id bigint,
  filled_by_job_id bigint,
  after_id bigint,
  up_to_id bigint
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
  perform
  from session_summaries as s
  where s.summary_id > after_id and s.summary_id <= up_to_id
  order by s.session_id
  for no key update;

  perform note_audit(
    'session_summaries',
    s.session_id,
    'update',
    jsonb_build_object(
      'snapshot_asn', s.snapshot_asn,
      'snapshot_country', s.snapshot_country,
      'snapshot_ip_type', s.snapshot_ip_type,
      'snapshot_status', s.snapshot_status,
      'enrichment', s.enrichment,
      'enrichment_at', time_text(s.enrichment_at),
      'snapshot_job_id', s.snapshot_job_id
    ),
    jsonb_build_object(
      'snapshot_asn', null,
      'snapshot_country', null,
      'snapshot_ip_type', null,
      'snapshot_status', p.snapshot_status,
      'enrichment', null,
      'enrichment_at', null,
      'snapshot_job_id', p.snapshot_job_id
    )
  )
  from
    session_summaries as s
    left join snapshot_priors as p
      on p.job_id = filled_by_job_id and p.session_id = s.session_id
  where
    s.summary_id > after_id
    and s.summary_id <= up_to_id
    and s.snapshot_job_id = filled_by_job_id;

  update session_summaries as s
  set
    snapshot_asn = null,
    snapshot_country = null,
    snapshot_ip_type = null,
    enrichment = null,
    enrichment_at = null,
    (snapshot_status, snapshot_job_id) = (
      select p.snapshot_status, p.snapshot_job_id
      from snapshot_priors as p
      where p.job_id = filled_by_job_id and p.session_id = s.session_id
    )
  where
    s.summary_id > after_id
    and s.summary_id <= up_to_id
    and s.snapshot_job_id = filled_by_job_id;
  get diagnostics v_rows = row_count;

  update jobs as j set rows_updated = j.rows_updated + v_rows where j.job_id = clear_snapshots.job_id;
end;
$$;
