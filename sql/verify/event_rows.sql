-- Events of a range of numbers, without their payloads.
--
-- Returns: many

select
  event_id,
  session_id,
  occurred_at,
  line_digest,
  flags,
  canonical_ip,
  canonical_type
from raw_events
where event_id > :after_event and event_id < :before_event
order by event_id
limit :row_limit;
