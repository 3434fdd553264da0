-- The batches that have seen events of a batch to be undone, ascending, with how many they are the first to have seen.
--
-- Returns: many
-- Not null: carried_for_batch_id, events

select
  c.carried_for_batch_id,
  b.source_id,
  b.first_offset,
  b.end_offset,
  count(*) as events
from
  undo_carries as c
  join ingest_batches as b on b.batch_id = c.carried_for_batch_id
where c.undone_batch_id = :batch_id
group by c.carried_for_batch_id, b.source_id, b.first_offset, b.end_offset
order by c.carried_for_batch_id;
