-- Dead letters of a batch in their order.
--
-- Returns: many

select
  dead_letter_id,
  source_id,
  source_offset,
  record_bytes,
  record_digest,
  record,
  record_tail,
  reason,
  detail,
  resolved_at
from dead_letter_events
where batch_id = :batch_id and dead_letter_id > :after_letter
order by dead_letter_id
limit :row_limit;
