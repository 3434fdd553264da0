-- Seals a batch: the trigger checks every count and folds the events into the derived tables.
--
-- Returns: none

update ingest_batches
set
  end_offset = :end_offset,
  records_read = :records_read,
  events_accepted = :events_accepted,
  events_duplicate = :events_duplicate,
  records_rejected = :records_rejected,
  records_skipped = :records_skipped,
  skip_counts = :skip_counts,
  first_event_at = :first_event_at,
  last_event_at = :last_event_at,
  batch_digest = :batch_digest,
  chain_position = :chain_position,
  chain_digest = :chain_digest,
  record_digest = :record_digest,
  record_parts = :record_parts,
  sealed_at = :sealed_at
where batch_id = :batch_id;
