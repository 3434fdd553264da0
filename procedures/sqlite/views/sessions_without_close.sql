-- sessions_without_close: sessions whose end was never logged, with how long their sensor has gone on without them.
--
-- Reads:   session_summaries, sensor_streams, settings
-- Needs:   sensor_streams
-- Differs: booleans are 0 or 1.
--
-- quiet_seconds is measured to the newest event of the same sensor, so a store of old logs ages no session. is_running says
-- that this is less than session_open_minutes: such a session may still go on and is no defect.
create view sessions_without_close as
  select
    q.session_id,
    q.source_ip,
    q.sensor,
    q.protocol,
    q.matcher,
    q.has_connect,
    q.first_event_at,
    q.last_event_at,
    q.event_count,
    q.sensor_last_event_at,
    q.quiet_seconds,
    q.quiet_seconds < 60 * o.value as is_running
  from
    (
      select
        s.session_id,
        s.source_ip,
        s.sensor,
        s.protocol,
        s.matcher,
        s.has_connect,
        s.first_event_at,
        s.last_event_at,
        s.event_count,
        n.last_event_at as sensor_last_event_at,
        unixepoch(substr(n.last_event_at, 1, 19)) - unixepoch(
          substr(s.last_event_at, 1, 19)
        ) as quiet_seconds
      from
        session_summaries as s
        join sensor_streams as n on n.sensor = coalesce(s.sensor, '')
      where s.has_closed = 0
    ) as q
    join settings as o on o.setting = 'session_open_minutes';
