-- fold_snapshots: gives the sessions of one batch the snapshot that the inventory knows already.
--
-- Takes:  batch_id, inserted as a row
-- Reads:  raw_events; session_snapshots
-- Writes: session_summaries
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by fold_batch alone. Sessions of an address that is not known are left to a backfill.
create view fold_snapshots as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_fold_snapshots_instead_of_insert
instead of insert on fold_snapshots
begin
  update session_summaries
  set
    snapshot_asn = x.snapshot_asn,
    snapshot_country = x.snapshot_country,
    snapshot_ip_type = x.snapshot_ip_type,
    enrichment = x.enrichment,
    enrichment_at = x.enrichment_at,
    snapshot_status = x.snapshot_status
  from session_snapshots as x
  where
    session_summaries.session_id in (
      select e.session_id
      from raw_events as e
      where
        e.event_id >= new.batch_id << 20
        and e.event_id < new.batch_id + 1 << 20
    )
    and x.summary_id = session_summaries.rowid
    and x.is_due
    and x.snapshot_status = 'filled';
end;
