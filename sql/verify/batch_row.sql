-- A batch as its row has it.
--
-- Returns: maybe

select
  batch_id,
  source_id,
  run_id,
  kind,
  carried_for_batch_id,
  first_offset,
  end_offset,
  records_read,
  events_accepted,
  events_duplicate,
  records_rejected,
  records_skipped,
  skip_counts,
  first_event_at,
  last_event_at,
  batch_digest,
  chain_position,
  record_digest,
  record_parts,
  opened_at,
  sealed_at,
  undone_at,
  actor
from ingest_batches
where batch_id = :batch_id;
