-- fold_snapshots: gives the sessions of one batch the snapshot that the inventory knows already.
--
-- Takes:   batch_id
-- Gives:   nothing
-- Reads:   raw_events; session_snapshots
-- Writes:  session_summaries
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by fold_batch alone, whose fold has locked the rows. Sessions of an address that is not known are left to a backfill.
create or replace function fold_snapshots(batch_id bigint)
returns void
language plpgsql
set search_path from current
as $$
begin
  update session_summaries
  set
    snapshot_asn = x.snapshot_asn,
    snapshot_country = x.snapshot_country,
    snapshot_ip_type = x.snapshot_ip_type,
    enrichment = x.enrichment,
    enrichment_at = x.enrichment_at,
    snapshot_status = x.snapshot_status
  from
    (
      select distinct e.session_id
      from raw_events as e
      where
        e.event_id >= fold_snapshots.batch_id << 20
        and e.event_id < fold_snapshots.batch_id + 1 << 20
    ) as b
    join session_snapshots as x on x.session_id = b.session_id
  where
    x.is_due
    and x.snapshot_status = 'filled'
    and session_summaries.session_id = b.session_id;
end;
$$;
