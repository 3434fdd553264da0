-- Begins a run behind those that are finished.
--
-- Returns: one

insert into reconcile_runs
  (
    job_id,
    mode,
    since_position,
    watermark_position,
    watermark_digest,
    tool_version,
    schema_version,
    actor
  )
select
  :job_id,
  :mode,
  :since_position,
  :watermark_position,
  (
    select b.chain_digest
    from ingest_batches as b
    where b.chain_position = :watermark_position
  ),
  :tool_version,
  :schema_version,
  :actor
returning run_id;
