-- undo_members: the batches that go when a batch is undone: itself, the replays of its letters, and what carries events for these.
--
-- Reads:   ingest_batches
-- Needs:   undo_replays
-- Differs: from postgres in nothing but the spelling.
--
-- Neither a carry batch nor a replay has letters, and a carry batch sees nothing: two steps are all there are.
create view undo_members as
  select b.batch_id as undone_batch_id, b.batch_id
  from ingest_batches as b
  union all
  select b.carried_for_batch_id, b.batch_id
  from ingest_batches as b
  where b.carried_for_batch_id is not null
  union all
  select r.undone_batch_id, r.batch_id
  from undo_replays as r
  union all
  select r.undone_batch_id, b.batch_id
  from
    undo_replays as r
    join ingest_batches as b on b.carried_for_batch_id = r.batch_id;
