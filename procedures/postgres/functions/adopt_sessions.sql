-- adopt_sessions: keeps the snapshots that another store had of sessions which have none here.
--
-- Takes:   job_id, whose counts grow; fence: what take_job has given, or NULL from a shell; sessions: a JSON array, as the query
--          adopt/map_sessions gives them
-- Gives:   nothing
-- Writes:  session_summaries, locked in key order; snapshot_priors; jobs: rows_updated, heartbeat_at
-- Calls:   check_job
-- Fails:   the codes of check_job
-- Differs: sqlite has a view with an INSTEAD OF trigger, whose column is called rows.
--
-- What a session has already is not replaced, but for a status that says that nothing was known of its address. A row that says
-- nothing changes nothing. The undo of the job takes all of it back.
create or replace function adopt_sessions(
  job_id bigint,
  fence bigint,
  sessions jsonb
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_rows bigint;
begin
  perform check_job(adopt_sessions.job_id, adopt_sessions.fence);

  perform
  from session_summaries as s
  where s.session_id in (select r ->> 'session_id' from jsonb_array_elements(sessions) as r)
  order by s.session_id
  for no key update;

  with
    due as (
      select
        s.summary_id,
        s.session_id,
        s.snapshot_status as stored_status,
        s.snapshot_job_id as stored_job_id,
        r.snapshot_asn,
        r.snapshot_country,
        r.snapshot_ip_type,
        r.enrichment,
        r.enrichment_at
      from
        jsonb_to_recordset(sessions) as r (
          session_id text,
          snapshot_asn bigint,
          snapshot_country text,
          snapshot_ip_type text,
          enrichment text,
          enrichment_at timestamptz
        )
        join session_summaries as s on s.session_id = r.session_id
      where
        coalesce(s.snapshot_status, 'unknown_address') in ('unknown_address', 'not_enriched')
        and num_nonnulls(
          s.snapshot_asn, s.snapshot_country, s.snapshot_ip_type, s.enrichment, s.enrichment_at
        ) = 0
        and num_nonnulls(r.snapshot_asn, r.snapshot_country, r.snapshot_ip_type, r.enrichment) > 0
    ),
    priors as (
      insert into snapshot_priors (job_id, session_id, snapshot_status, snapshot_job_id)
      select adopt_sessions.job_id, d.session_id, d.stored_status, d.stored_job_id
      from due as d
      where d.stored_status is not null
    )
  update session_summaries as s
  set
    snapshot_asn = d.snapshot_asn,
    snapshot_country = d.snapshot_country,
    snapshot_ip_type = d.snapshot_ip_type,
    enrichment = cast(d.enrichment as jsonb),
    enrichment_at = d.enrichment_at,
    snapshot_status = 'filled',
    snapshot_job_id = adopt_sessions.job_id
  from due as d
  where s.summary_id = d.summary_id;
  get diagnostics v_rows = row_count;

  update jobs as j
  set rows_updated = j.rows_updated + v_rows, heartbeat_at = clock_timestamp()
  where j.job_id = adopt_sessions.job_id;
end;
$$;
