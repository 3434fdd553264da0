-- What was seen in a period in all, by the first event of each session.
--
-- Returns: one
-- Not null: sessions, addresses, login_attempts, login_successes, commands, downloads, uploads, key_injections

select
  count(*) as sessions,
  count(distinct s.source_ip) as addresses,
  cast(coalesce(sum(s.login_attempts), 0) as bigint) as login_attempts,
  cast(coalesce(sum(s.login_successes), 0) as bigint) as login_successes,
  cast(coalesce(sum(s.command_count), 0) as bigint) as commands,
  cast(coalesce(sum(s.file_downloads), 0) as bigint) as downloads,
  cast(coalesce(sum(s.file_uploads), 0) as bigint) as uploads,
  cast(coalesce(sum(s.ssh_key_injections), 0) as bigint) as key_injections
from session_summaries as s
where s.first_event_at >= :period_start and s.first_event_at < :period_end;
