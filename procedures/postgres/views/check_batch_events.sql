-- check_batch_events: batches that do not have the events that they were sealed with; rows are violations.
--
-- Reads:   ingest_batches, raw_events
-- Differs: from sqlite in nothing but the spelling.
--
-- An undone batch has none; stored is what the batch says, expected what is there.
create or replace view check_batch_events as
  select
    coalesce(b.batch_id, r.batch_id) as batch_id,
    b.events as stored,
    coalesce(r.events, 0) as expected
  from
    (
      select
        i.batch_id,
        case
          when i.undone_at is null then coalesce(i.events_accepted, 0)
          else 0
        end as events
      from ingest_batches as i
    ) as b
    full join (
      select e.event_id / 1048576 as batch_id, count(*) as events
      from raw_events as e
      group by e.event_id / 1048576
    ) as r
      on r.batch_id = b.batch_id
  where b.events is distinct from coalesce(r.events, 0);
