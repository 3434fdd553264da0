-- adopt_sessions: keeps the snapshots that another store had of sessions which have none here.
--
-- Takes:  job_id, whose counts grow; fence: what take_job has given, or NULL from a shell; rows: a JSON array of sessions, as the
--         query adopt/map_sessions gives them
-- Writes: session_summaries; snapshot_priors; jobs: rows_updated, heartbeat_at
-- Calls:  check_job
-- Fails:  the codes of check_job
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- What a session has already is not replaced, but for a status that says that nothing was known of its address. A row that says
-- nothing changes nothing. The undo of the job takes all of it back.
create view adopt_sessions as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence,
    cast(null as text) as rows
  where false;

create trigger tr_adopt_sessions_instead_of_insert
instead of insert on adopt_sessions
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  insert into snapshot_priors
    (job_id, session_id, snapshot_status, snapshot_job_id)
  select new.job_id, s.session_id, s.snapshot_status, s.snapshot_job_id
  from
    json_each(new.rows) as r
    join session_summaries as s on s.session_id = r.value ->> '$.session_id'
  where
    s.snapshot_status in ('unknown_address', 'not_enriched')
    and s.enrichment_at is null
    and coalesce(
      s.snapshot_asn,
      s.snapshot_country,
      s.snapshot_ip_type,
      s.enrichment
    ) is null
    and coalesce(
      r.value ->> '$.snapshot_asn',
      r.value ->> '$.snapshot_country',
      r.value ->> '$.snapshot_ip_type',
      r.value ->> '$.enrichment'
    ) is not null;

  update session_summaries
  set
    snapshot_asn = r.value ->> '$.snapshot_asn',
    snapshot_country = r.value ->> '$.snapshot_country',
    snapshot_ip_type = r.value ->> '$.snapshot_ip_type',
    enrichment = r.value ->> '$.enrichment',
    enrichment_at = r.value ->> '$.enrichment_at',
    snapshot_status = 'filled',
    snapshot_job_id = new.job_id
  from json_each(new.rows) as r
  where
    session_summaries.session_id = r.value ->> '$.session_id'
    and coalesce(snapshot_status, 'unknown_address') in (
      'unknown_address',
      'not_enriched'
    )
    and enrichment_at is null
    and coalesce(
      snapshot_asn,
      snapshot_country,
      snapshot_ip_type,
      enrichment
    ) is null
    and coalesce(
      r.value ->> '$.snapshot_asn',
      r.value ->> '$.snapshot_country',
      r.value ->> '$.snapshot_ip_type',
      r.value ->> '$.enrichment'
    ) is not null;

  update jobs
  set
    rows_updated = rows_updated + changes(),
    heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where job_id = new.job_id;
end;
