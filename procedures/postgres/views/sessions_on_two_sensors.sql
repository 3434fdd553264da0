-- sessions_on_two_sensors: sessions whose events name two sensors or two addresses: an id that was given twice, or a log that was copied.
--
-- Reads:   session_summaries
-- Differs: booleans are BOOLEAN.
--
-- Where a session has more than two, these are the least and the greatest of them.
create or replace view sessions_on_two_sensors as
  select
    s.session_id,
    coalesce(s.sensor_least != s.sensor_greatest, false) as has_two_sensors,
    coalesce(
      s.source_ip_least != s.source_ip_greatest,
      false
    ) as has_two_addresses,
    s.sensor_least,
    s.sensor_greatest,
    s.source_ip_least,
    s.source_ip_greatest,
    s.closed_count,
    s.event_count,
    s.first_event_at,
    s.last_event_at
  from session_summaries as s
  where s.is_collision;
