-- The events of a batch that the gate marked, in order.
--
-- Returns: many
-- Not null: ordinal, session_id, flags

select
  e.event_id - cast(:batch_id as bigint) * 1048576 as ordinal,
  e.session_id,
  e.flags,
  e.canonical_ip,
  e.canonical_type
from raw_events as e
where
  e.event_id >= cast(:batch_id as bigint) * 1048576
  and e.event_id < (cast(:batch_id as bigint) + 1) * 1048576
  and (
    e.flags != ''
    or e.canonical_ip is not null
    or e.canonical_type is not null
  )
order by e.event_id;
