-- sensor_streams: what a sensor's sessions span; the sensor is empty where the log names none.
--
-- Reads:   session_summaries
-- Differs: from postgres in nothing but the spelling.
--
-- A session is the sensor's whose name its earliest event has, as in its summary.
create view sensor_streams as
  select
    coalesce(s.sensor, '') as sensor,
    count(*) as sessions,
    min(s.first_event_at) as first_event_at,
    max(s.last_event_at) as last_event_at
  from session_summaries as s
  group by coalesce(s.sensor, '');
