-- undo_members: the batches that go when a batch is undone: itself, and the batches that carry events for it.
--
-- Reads:   ingest_batches
-- Differs: from postgres in nothing but the spelling.
--
-- A carry batch never has one of its own, for it sees nothing: one step is all there is.
create view undo_members as
  select b.batch_id as undone_batch_id, b.batch_id
  from ingest_batches as b
  union all
  select b.carried_for_batch_id, b.batch_id
  from ingest_batches as b
  where b.carried_for_batch_id is not null;
