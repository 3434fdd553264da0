-- fill_snapshots: gives the sessions of a range of summary_id the snapshot that they lack.
--
-- Takes:  job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored
-- Reads:  session_snapshots
-- Writes: session_summaries; snapshot_priors; jobs: rows_updated
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- What a session has already is not replaced, but for a status that says that nothing was known of its address.
create view fill_snapshots as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as after_id,
    cast(null as integer) as up_to_id,
    cast(null as text) as from_at,
    cast(null as text) as to_at
  where false;

create trigger tr_fill_snapshots_instead_of_insert
instead of insert on fill_snapshots
begin
  insert into snapshot_priors
    (job_id, session_id, snapshot_status, snapshot_job_id)
  select new.job_id, x.session_id, x.stored_status, x.stored_job_id
  from session_snapshots as x
  where
    x.summary_id > new.after_id
    and x.summary_id <= new.up_to_id
    and x.first_event_at >= new.from_at
    and x.first_event_at < new.to_at
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
    snapshot_job_id = new.job_id
  from session_snapshots as x
  where
    x.summary_id > new.after_id
    and x.summary_id <= new.up_to_id
    and x.first_event_at >= new.from_at
    and x.first_event_at < new.to_at
    and x.is_due
    and session_summaries.rowid = x.summary_id;

  update jobs
  set rows_updated = rows_updated + changes()
  where job_id = new.job_id;
end;
