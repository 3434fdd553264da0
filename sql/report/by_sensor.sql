-- What each sensor saw in a period, by the first event of each session.
--
-- Returns: many
-- Not null: sensor, sessions, addresses, login_attempts, login_successes, commands, downloads, uploads

select
  coalesce(s.sensor, '') as sensor,
  count(*) as sessions,
  count(distinct s.source_ip) as addresses,
  cast(sum(s.login_attempts) as bigint) as login_attempts,
  cast(sum(s.login_successes) as bigint) as login_successes,
  cast(sum(s.command_count) as bigint) as commands,
  cast(sum(s.file_downloads) as bigint) as downloads,
  cast(sum(s.file_uploads) as bigint) as uploads
from session_summaries as s
where s.first_event_at >= :period_start and s.first_event_at < :period_end
group by coalesce(s.sensor, '')
order by sessions desc, sensor;
