-- Whether tables have rows of batches between two numbers, both left out; there should be none.
--
-- Returns: many
-- Not null: table_name

select
  cast('raw_events' as text) as table_name,
  e.event_id / 1048576 as batch_id
from
  (
    select min(event_id) as event_id
    from raw_events
    where
      event_id >= (cast(:after_batch as bigint) + 1) * 1048576
      and event_id < cast(:before_batch as bigint) * 1048576
  ) as e
where e.event_id is not null
union all
select cast('batch_evidence' as text) as table_name, v.batch_id
from
  (
    select min(batch_id) as batch_id
    from batch_evidence
    where
      batch_id > cast(:after_batch as bigint)
      and batch_id < cast(:before_batch as bigint)
  ) as v
where v.batch_id is not null
union all
select cast('dead_letter_events' as text) as table_name, d.batch_id
from
  (
    select min(batch_id) as batch_id
    from dead_letter_events
    where
      batch_id > cast(:after_batch as bigint)
      and batch_id < cast(:before_batch as bigint)
  ) as d
where d.batch_id is not null
union all
select cast('duplicate_sightings' as text) as table_name, s.batch_id
from
  (
    select min(batch_id) as batch_id
    from duplicate_sightings
    where
      batch_id > cast(:after_batch as bigint)
      and batch_id < cast(:before_batch as bigint)
  ) as s
where s.batch_id is not null;
