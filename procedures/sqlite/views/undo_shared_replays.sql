-- undo_shared_replays: the replay batches that hold letters of a batch and of others too, and must be undone before it.
--
-- Reads:   dead_letter_events; ingest_batches
-- Differs: from postgres in nothing but the spelling.
create view undo_shared_replays as
  select distinct
    d.batch_id as undone_batch_id,
    d.resolved_batch_id as batch_id
  from
    dead_letter_events as d
    join ingest_batches as b on b.batch_id = d.resolved_batch_id
  where
    b.undone_at is null
    and exists (
      select 1
      from dead_letter_events as o
      where
        o.resolved_batch_id = d.resolved_batch_id
        and (o.batch_id < d.batch_id or o.batch_id > d.batch_id)
    );
