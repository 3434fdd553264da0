-- undo_carries: the events that stay when a batch is undone, since others have seen them, and the earliest that has.
--
-- Reads:   duplicate_sightings; ingest_batches
-- Needs:   undo_members
-- Differs: from sqlite in nothing but the spelling.
create or replace view undo_carries as
  select
    m.undone_batch_id,
    d.event_id,
    min(d.batch_id) as carried_for_batch_id
  from
    undo_members as m
    join duplicate_sightings as d
      on d.event_id >= m.batch_id * 1048576
      and d.event_id < (m.batch_id + 1) * 1048576
    join ingest_batches as b on b.batch_id = d.batch_id
  where
    b.undone_at is null
    and not exists (
      select 1
      from undo_members as o
      where o.undone_batch_id = m.undone_batch_id and o.batch_id = d.batch_id
    )
  group by m.undone_batch_id, d.event_id;
