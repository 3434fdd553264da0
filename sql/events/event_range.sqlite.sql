-- The times of the outer events of a batch.
--
-- Returns: one

select min(e.occurred_at) as first_event_at, max(e.occurred_at) as last_event_at
from raw_events as e
where
  e.event_id >= :batch_id * 1048576
  and e.event_id < (:batch_id + 1) * 1048576;
