-- clear_snapshots: takes back the snapshots that a job has filled, in a range of summary_id.
--
-- Takes:  job_id, whose counts grow; filled_by_job_id; after_id, up_to_id
-- Reads:  snapshot_priors
-- Writes: session_summaries; jobs: rows_updated
-- Calls:  note_audit
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- A session gets the status back that the job found, and is empty otherwise, as every session is that a job may fill.
create view clear_snapshots as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as filled_by_job_id,
    cast(null as integer) as after_id,
    cast(null as integer) as up_to_id
  where false;

create trigger tr_clear_snapshots_instead_of_insert
instead of insert on clear_snapshots
begin
  insert into note_audit (table_name, row_key, action, before, after)
  select
    'session_summaries',
    s.session_id,
    'update',
    json_object(
      'snapshot_asn',
      s.snapshot_asn,
      'snapshot_country',
      s.snapshot_country,
      'snapshot_ip_type',
      s.snapshot_ip_type,
      'snapshot_status',
      s.snapshot_status,
      'enrichment',
      json(s.enrichment),
      'enrichment_at',
      s.enrichment_at,
      'snapshot_job_id',
      s.snapshot_job_id
    ),
    json_object(
      'snapshot_asn',
      null,
      'snapshot_country',
      null,
      'snapshot_ip_type',
      null,
      'snapshot_status',
      p.snapshot_status,
      'enrichment',
      null,
      'enrichment_at',
      null,
      'snapshot_job_id',
      p.snapshot_job_id
    )
  from
    session_summaries as s
    left join snapshot_priors as p
      on p.job_id = new.filled_by_job_id and p.session_id = s.session_id
  where
    s.rowid > new.after_id
    and s.rowid <= new.up_to_id
    and s.snapshot_job_id = new.filled_by_job_id;

  update session_summaries
  set
    snapshot_asn = null,
    snapshot_country = null,
    snapshot_ip_type = null,
    enrichment = null,
    enrichment_at = null,
    (snapshot_status, snapshot_job_id) = (
      select p.snapshot_status, p.snapshot_job_id
      from snapshot_priors as p
      where
        p.job_id = new.filled_by_job_id
        and p.session_id = session_summaries.session_id
    )
  where
    rowid > new.after_id
    and rowid <= new.up_to_id
    and snapshot_job_id = new.filled_by_job_id;

  update jobs
  set rows_updated = rows_updated + changes()
  where job_id = new.job_id;
end;
