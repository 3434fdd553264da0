-- Keeps a refused record.
--
-- Returns: none

insert into dead_letter_events
  (
    batch_id,
    source_id,
    source_offset,
    record_bytes,
    record_digest,
    record,
    record_tail,
    reason,
    detail
  )
values
  (
    :batch_id,
    :source_id,
    :source_offset,
    :record_bytes,
    :record_digest,
    :record,
    :record_tail,
    :reason,
    :detail
  );
