-- undo_letters: the dead letters that go when a batch is undone: its own, and those that stood for its sake alone.
--
-- Reads:   dead_letter_events; ingest_batches
-- Needs:   undo_members
-- Differs: from sqlite in nothing but the spelling.
--
-- A batch that met a record again whose letter stood has counted it as refused_before and has none itself: the letter
-- stays as long as one such batch does, as an event stays that others have seen. A letter of damage has no bytes, and
-- stands at the end of its batch.
create or replace view undo_letters as
  select m.undone_batch_id, d.dead_letter_id
  from
    undo_members as m
    join dead_letter_events as d on d.batch_id = m.batch_id
  where
    (d.resolved_at is null or d.resolution = 'replayed')
    and not exists (
      select 1
      from ingest_batches as c
      where
        c.source_id = d.source_id
        and c.batch_id > d.batch_id
        and c.kind = 'load'
        and c.undone_at is null
        and c.records_skipped > 0
        and c.first_offset <= d.source_offset
        and c.end_offset >= d.source_offset + least(d.record_bytes, 1)
        and c.skip_counts ->> 'refused_before' is not null
        and c.batch_id != m.undone_batch_id
    )
  union all
  select g.batch_id, d.dead_letter_id
  from
    ingest_batches as g
    join ingest_batches as o
      on o.source_id = g.source_id
      and o.batch_id < g.batch_id
      and o.undone_at is not null
      and o.first_offset < g.end_offset
      and o.end_offset > g.first_offset
    join dead_letter_events as d on d.batch_id = o.batch_id
  where
    g.kind = 'load'
    and g.records_skipped > 0
    and g.skip_counts ->> 'refused_before' is not null
    and d.resolved_at is null
    and g.first_offset <= d.source_offset
    and g.end_offset >= d.source_offset + least(d.record_bytes, 1)
    and not exists (
      select 1
      from ingest_batches as c
      where
        c.source_id = d.source_id
        and c.batch_id > d.batch_id
        and c.kind = 'load'
        and c.undone_at is null
        and c.records_skipped > 0
        and c.first_offset <= d.source_offset
        and c.end_offset >= d.source_offset + least(d.record_bytes, 1)
        and c.skip_counts ->> 'refused_before' is not null
        and c.batch_id != g.batch_id
    );
