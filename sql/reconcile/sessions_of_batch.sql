-- The sessions that a batch has events of.
--
-- Returns: many

select distinct e.session_id
from raw_events as e
where
  e.event_id >= cast(:batch_id as bigint) * 1048576
  and e.event_id < (cast(:batch_id as bigint) + 1) * 1048576
  and e.session_id != '';
