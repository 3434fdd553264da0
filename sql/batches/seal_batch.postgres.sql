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
  skip_counts = cast(:skip_counts as text)::jsonb,
  first_event_at = cast(cast(:first_event_at as text) as timestamptz),
  last_event_at = cast(cast(:last_event_at as text) as timestamptz),
  batch_digest = :batch_digest,
  chain_position = :chain_position,
  chain_digest = :chain_digest,
  record_digest = :record_digest,
  record_parts = :record_parts,
  sealed_at = cast(cast(:sealed_at as text) as timestamptz)
where batch_id = :batch_id;
