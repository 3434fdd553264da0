-- How many dead letters are open again once a batch is undone: those of other batches that were replayed into it.
--
-- Returns: one
-- Not null: reopened

select count(*) as reopened
from
  undo_members as m
  join dead_letter_events as d on d.resolved_batch_id = m.batch_id
where
  m.undone_batch_id = :batch_id
  and d.batch_id != m.undone_batch_id
  and d.resolution = 'replayed'
  and d.purged_at is null;
