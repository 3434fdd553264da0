-- batch_time_holes: stretches within the times of one batch that no event falls in and that are longer than clock_forward_hours.
--
-- Reads:   ingest_batches, raw_events, settings
-- Differs: the planner orders the joins.
--
-- Only batches that span as much are read, each by its range of keys: a clock that was far off makes such a batch, and little else.
create or replace view batch_time_holes as
  select
    h.batch_id,
    h.source_id,
    h.event_id,
    h.session_id,
    h.sensor,
    h.previous_at,
    h.occurred_at,
    cast(floor(extract(epoch from h.occurred_at)) as bigint) - cast(
      floor(extract(epoch from h.previous_at)) as bigint
    ) as jump_seconds
  from
    (
      select
        b.batch_id,
        b.source_id,
        e.event_id,
        e.session_id,
        e.sensor,
        e.occurred_at,
        lag(e.occurred_at) over (
          partition by b.batch_id
          order by e.occurred_at, e.event_id
        ) as previous_at
      from
        settings as f
        cross join ingest_batches as b
        join raw_events as e
          on e.event_id >= b.batch_id * 1048576
          and e.event_id < (b.batch_id + 1) * 1048576
      where
        f.setting = 'clock_forward_hours'
        and b.kind = 'load'
        and b.undone_at is null
        and cast(floor(extract(epoch from b.last_event_at)) as bigint) - cast(
          floor(extract(epoch from b.first_event_at)) as bigint
        ) > 3600 * f.value
    ) as h
    join settings as o on o.setting = 'clock_forward_hours'
  where
    cast(floor(extract(epoch from h.occurred_at)) as bigint) - cast(
      floor(extract(epoch from h.previous_at)) as bigint
    ) > 3600 * o.value;
