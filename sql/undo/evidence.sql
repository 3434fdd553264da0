-- The evidence of a batch, where an undo under way moves events of it.
--
-- Returns: maybe

select v.lines
from batch_evidence as v
where
  v.batch_id = :batch_id
  and exists (
    select 1
    from undo_events as u
    where
      u.event_id >= cast(:batch_id as bigint) * 1048576
      and u.event_id < (cast(:batch_id as bigint) + 1) * 1048576
  );
