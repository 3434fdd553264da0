-- clock_jumps: places where the times of a log go back by more than clock_jump_seconds, or forward by more than clock_forward_hours.
--
-- Reads:   batch_clock_jumps, batch_time_holes, session_clock_jumps, raw_events, ingest_batches
-- Needs:   batch_clock_jumps, batch_time_holes, session_clock_jumps
-- Differs: from postgres in nothing but the spelling.
--
-- seen_between says what the place was found between: two batches of a file, two events of a batch by their times, or a session's
-- connect and an event before it. jump_seconds is negative where the clock went back. One jump can be found in more ways
-- than one.
create view clock_jumps as
  select
    'batches' as seen_between,
    b.source_id,
    b.batch_id,
    e.event_id,
    e.session_id,
    e.sensor,
    b.previous_at,
    b.first_event_at as occurred_at,
    b.jump_seconds
  from
    batch_clock_jumps as b
    cross join raw_events as e
      on e.event_id = (
        select f.event_id
        from raw_events as f
        where
          f.event_id >= b.batch_id * 1048576
          and f.event_id < (b.batch_id + 1) * 1048576
        order by f.occurred_at, f.event_id
        limit 1
      )
  union all
  select
    'times of a batch' as seen_between,
    h.source_id,
    h.batch_id,
    h.event_id,
    h.session_id,
    h.sensor,
    h.previous_at,
    h.occurred_at,
    h.jump_seconds
  from batch_time_holes as h
  union all
  select
    'events of a session' as seen_between,
    b.source_id,
    j.batch_id,
    j.event_id,
    j.session_id,
    j.sensor,
    j.previous_at,
    j.occurred_at,
    j.jump_seconds
  from
    session_clock_jumps as j
    cross join ingest_batches as b on b.batch_id = j.batch_id;
