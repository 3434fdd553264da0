-- session_summaries_before_update: a snapshot that is taken stays, unless a job of kind clear_snapshots runs.
--
-- Reads:  jobs
-- Fails:  WR047 the snapshot is taken
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
when
  old.snapshot_status in ('filled', 'not_public')
  and (
    old.snapshot_asn,
    old.snapshot_country,
    old.snapshot_ip_type,
    old.snapshot_status,
    old.enrichment,
    old.enrichment_at,
    old.snapshot_job_id
  ) is not (
    new.snapshot_asn,
    new.snapshot_country,
    new.snapshot_ip_type,
    new.snapshot_status,
    new.enrichment,
    new.enrichment_at,
    new.snapshot_job_id
  )
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

  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'session_summaries',
      old.session_id,
      'update',
      json_object(
        'snapshot_asn',
        old.snapshot_asn,
        'snapshot_country',
        old.snapshot_country,
        'snapshot_ip_type',
        old.snapshot_ip_type,
        'snapshot_status',
        old.snapshot_status,
        'enrichment',
        json(old.enrichment),
        'enrichment_at',
        old.enrichment_at,
        'snapshot_job_id',
        old.snapshot_job_id
      ),
      json_object(
        'snapshot_asn',
        new.snapshot_asn,
        'snapshot_country',
        new.snapshot_country,
        'snapshot_ip_type',
        new.snapshot_ip_type,
        'snapshot_status',
        new.snapshot_status,
        'enrichment',
        json(new.enrichment),
        'enrichment_at',
        new.enrichment_at,
        'snapshot_job_id',
        new.snapshot_job_id
      )
    );
end;
