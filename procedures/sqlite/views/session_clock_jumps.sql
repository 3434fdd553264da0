-- session_clock_jumps: sessions with an event before their own connect, which Cowrie writes first: between the two the clock went back.
--
-- Reads:   session_summaries, raw_events, settings
-- Differs: CROSS JOIN keeps the order of the joins: sessions first, then their events.
--
-- An id that was given twice says nothing, so collisions and sessions that were closed twice are left out. What is measured is
-- the least that the clock went back.
create view session_clock_jumps as
  select
    j.session_id,
    j.sensor,
    j.event_id,
    j.batch_id,
    j.previous_at,
    j.occurred_at,
    j.jump_seconds
  from
    (
      select
        s.session_id,
        s.sensor,
        min(e.event_id) as event_id,
        min(e.batch_id) as batch_id,
        min(k.occurred_at) as previous_at,
        s.first_event_at as occurred_at,
        unixepoch(substr(s.first_event_at, 1, 19)) - unixepoch(
          substr(min(k.occurred_at), 1, 19)
        ) as jump_seconds
      from
        session_summaries as s
        cross join raw_events as e
          on e.session_id = s.session_id and e.occurred_at = s.first_event_at
        cross join raw_events as k
          on k.session_id = s.session_id
          and k.event_type = 'cowrie.session.connect'
      where
        s.has_connect = 1
        and s.is_collision = 0
        and s.closed_count < 2
        and s.event_count > 1
        and not exists (
          select 1
          from raw_events as f
          where
            f.session_id = s.session_id
            and f.occurred_at = s.first_event_at
            and f.event_type = 'cowrie.session.connect'
        )
      group by s.session_id, s.sensor, s.first_event_at
    ) as j
    join settings as o on o.setting = 'clock_jump_seconds'
  where j.jump_seconds < -o.value;
