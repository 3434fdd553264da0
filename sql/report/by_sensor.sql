-- What each sensor saw in a period, by the first event of each session.
--
-- Returns: many
-- Not null: sensor, sessions, addresses, login_attempts, login_successes, commands, downloads, uploads

select
  coalesce(s.sensor, '') as sensor,
  count(*) as sessions,
  count(distinct s.source_ip) as addresses,
  sum(s.login_attempts) as login_attempts,
  sum(s.login_successes) as login_successes,
  sum(s.command_count) as commands,
  sum(s.file_downloads) as downloads,
  sum(s.file_uploads) as uploads
from session_summaries as s
where
  s.first_event_at >= :period_start
  and s.first_event_at < :period_end
group by coalesce(s.sensor, '')
order by sessions desc, sensor;
