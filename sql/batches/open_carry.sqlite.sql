-- Opens a batch that carries events for another batch and gives what the seal needs of it.
--
-- Returns: one

insert into ingest_batches
  (batch_id, source_id, run_id, kind, carried_for_batch_id, first_offset, actor)
values
  (
    (select coalesce(max(batch_id), 0) + 1 from ingest_batches),
    :source_id,
    :run_id,
    'carry',
    :carried_for_batch_id,
    :first_offset,
    :actor
  )
returning
  batch_id,
  source_id,
  run_id,
  kind,
  carried_for_batch_id,
  first_offset,
  opened_at,
  actor;
