-- Batches that do not have the events that they were sealed with.
--
-- Returns: many
-- Not null: batch_id, expected

select w.batch_id, w.stored, w.expected
from check_batch_events as w
order by w.batch_id
limit 1000;
