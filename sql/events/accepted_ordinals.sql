-- The ordinals of a batch's events, ascending.
--
-- Returns: many
-- Not null: ordinal

select e.event_id - cast(:batch_id as bigint) * 1048576 as ordinal
from raw_events as e
where
  e.event_id >= cast(:batch_id as bigint) * 1048576
  and e.event_id < (cast(:batch_id as bigint) + 1) * 1048576
order by e.event_id;
