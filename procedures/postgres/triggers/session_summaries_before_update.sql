-- session_summaries_before_update: a snapshot that is taken stays, unless a job of kind clear_snapshots runs.
--
-- Reads:  jobs
-- Calls:  note_audit
-- Fails:  WR047 the snapshot is taken
create or replace function tg_session_summaries_before_update()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  if not exists (select from jobs as j where j.kind = 'clear_snapshots' and j.state = 'running') then
    raise exception using
      errcode = 'WR047',
      message = 'the snapshot of this session is taken; only the undo of a backfill takes it back';
  end if;

  perform note_audit(
    'session_summaries',
    old.session_id,
    'update',
    jsonb_build_object(
      'snapshot_asn', old.snapshot_asn,
      'snapshot_country', old.snapshot_country,
      'snapshot_ip_type', old.snapshot_ip_type,
      'snapshot_status', old.snapshot_status,
      'enrichment', old.enrichment,
      'enrichment_at', time_text(old.enrichment_at),
      'snapshot_job_id', old.snapshot_job_id
    ),
    jsonb_build_object(
      'snapshot_asn', new.snapshot_asn,
      'snapshot_country', new.snapshot_country,
      'snapshot_ip_type', new.snapshot_ip_type,
      'snapshot_status', new.snapshot_status,
      'enrichment', new.enrichment,
      'enrichment_at', time_text(new.enrichment_at),
      'snapshot_job_id', new.snapshot_job_id
    )
  );
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
when
  (
    old.snapshot_status in ('filled', 'not_public')
    and (
      old.snapshot_asn,
      old.snapshot_country,
      old.snapshot_ip_type,
      old.snapshot_status,
      old.enrichment,
      old.enrichment_at,
      old.snapshot_job_id
    ) is distinct from (
      new.snapshot_asn,
      new.snapshot_country,
      new.snapshot_ip_type,
      new.snapshot_status,
      new.enrichment,
      new.enrichment_at,
      new.snapshot_job_id
    )
  )
execute function tg_session_summaries_before_update();
