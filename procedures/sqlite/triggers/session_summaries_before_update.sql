-- session_summaries_before_update: a snapshot that is taken stays, unless a job of kind clear_snapshots runs.
--
-- Reads:  jobs
-- Fails:  WR047 the snapshot is taken
--
-- Nothing but the old status is looked at: every column that a trigger names costs each row of a backfill.
create trigger tr_session_summaries_before_update
before update of
  snapshot_asn,
  snapshot_country,
  snapshot_ip_type,
  snapshot_status,
  enrichment,
  enrichment_at,
  snapshot_job_id
on session_summaries
when old.snapshot_status in ('filled', 'not_public')
begin
  select
    raise(
      abort,
      'WR047 the snapshot of this session is taken; only the undo of a backfill takes it back'
    )
  where
    not exists (
      select 1
      from jobs as j
      where j.kind = 'clear_snapshots' and j.state = 'running'
    );
end;
