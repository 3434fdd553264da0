-- The batches that go when a batch is undone, ascending.
--
-- Returns: many
-- Not null: batch_id

select m.batch_id
from undo_members as m
where m.undone_batch_id = :batch_id
order by m.batch_id;
