-- undo_replays: the replay batches that hold letters of one batch alone, and go with it.
--
-- Reads:   dead_letter_events
-- Differs: from sqlite in nothing but the spelling.
--
-- Least and greatest batch of a replay are found in ix_dead_letter_events_resolved_batch_id without reading its letters.
create or replace view undo_replays as
  select distinct
    d.batch_id as undone_batch_id,
    d.resolved_batch_id as batch_id
  from dead_letter_events as d
  where
    d.resolved_batch_id is not null
    and not exists (
      select 1
      from dead_letter_events as o
      where
        o.resolved_batch_id = d.resolved_batch_id
        and o.batch_id < d.batch_id
    )
    and not exists (
      select 1
      from dead_letter_events as o
      where
        o.resolved_batch_id = d.resolved_batch_id
        and o.batch_id > d.batch_id
    );
