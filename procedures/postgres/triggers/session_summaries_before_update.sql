-- session_summaries_before_update: a snapshot that is taken stays, unless a job of kind clear_snapshots runs.
--
-- Reads:  jobs
-- Fails:  WR047 the snapshot is taken
create or replace function tg_session_summaries_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if not exists (select from jobs as j where j.kind = 'clear_snapshots' and j.state = 'running') then
    raise exception using
      errcode = 'WR047',
      message = 'the snapshot of this session is taken; only the undo of a backfill takes it back';
  end if;
  return new;
end;
$$;

create or replace trigger tr_session_summaries_before_update
before update of
  snapshot_asn,
  snapshot_country,
  snapshot_ip_type,
  snapshot_status,
  enrichment,
  enrichment_at,
  snapshot_job_id
on session_summaries
for each row
when (old.snapshot_status in ('filled', 'not_public'))
execute function tg_session_summaries_before_update();
