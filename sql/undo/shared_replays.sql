-- The replay batches that must be undone before a batch, ascending.
--
-- Returns: many
-- Not null: batch_id

select r.batch_id
from undo_shared_replays as r
where r.undone_batch_id = :batch_id
order by r.batch_id;
