-- The times of the outer events of a batch.
--
-- Returns: one

select
  to_char(
    min(e.occurred_at),
    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
  ) as first_event_at,
  to_char(max(e.occurred_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_event_at
from raw_events as e
where
  e.event_id >= cast(:batch_id as bigint) * 1048576
  and e.event_id < (cast(:batch_id as bigint) + 1) * 1048576;
