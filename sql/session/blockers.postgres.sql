-- Whom a session waits for.
--
-- Returns: many
-- Not null: pid, application_name, user_name, state, seconds, query

select
  a.pid,
  coalesce(a.application_name, '') as application_name,
  coalesce(a.usename::text, '') as user_name,
  coalesce(a.state, '') as state,
  extract(
    epoch from clock_timestamp() - coalesce(a.query_start, a.backend_start)
  )::integer as seconds,
  coalesce(a.query, '') as query
from pg_catalog.pg_stat_activity as a
where a.pid = any (pg_blocking_pids(cast(:pid as integer)))
order by a.pid;
