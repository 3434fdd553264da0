-- The events of a batch in order, each with the batch that it is carried for and its place there, where it is.
--
-- Returns: many
-- Not null: line_digest

select e.line_digest, u.carried_for_batch_id, u.ordinal
from
  raw_events as e
  left join undo_events as u on u.event_id = e.event_id
where
  e.event_id >= cast(:batch_id as bigint) * 1048576
  and e.event_id < (cast(:batch_id as bigint) + 1) * 1048576
order by e.event_id;
