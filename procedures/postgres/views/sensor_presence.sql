-- sensor_presence: stretches of time in which a sensor certainly wrote events: all its events, in far fewer rows.
--
-- Reads:   session_summaries, raw_events, settings
-- Differs: the planner orders the joins.
--
-- A session that is shorter than the gap looked for cannot hide one, so it is one stretch. The events of a longer one, of one
-- on two sensors and those of no session are stretches of their own.
create or replace view sensor_presence as
  select
    coalesce(s.sensor, '') as sensor,
    s.first_event_at as begins_at,
    s.last_event_at as ends_at
  from
    settings as g
    cross join session_summaries as s
  where
    g.setting = 'sensor_gap_minutes'
    and s.duration_seconds <= 60 * g.value
    and not coalesce(s.sensor_least != s.sensor_greatest, false)
  union all
  select
    coalesce(nullif(e.sensor, ''), s.sensor, '') as sensor,
    e.occurred_at as begins_at,
    e.occurred_at as ends_at
  from
    settings as g
    cross join session_summaries as s
    join raw_events as e on e.session_id = s.session_id
  where
    g.setting = 'sensor_gap_minutes'
    and (
      s.duration_seconds > 60 * g.value
      or s.sensor_least != s.sensor_greatest
    )
  union all
  select
    coalesce(e.sensor, '') as sensor,
    e.occurred_at as begins_at,
    e.occurred_at as ends_at
  from raw_events as e
  where e.session_id = '';
