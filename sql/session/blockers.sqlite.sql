-- Whom a session waits for; SQLite knows it of no file.
--
-- Returns: many
-- Not null: pid, application_name, user_name, state, seconds, query

select
  cast(:pid as integer) as pid,
  '' as application_name,
  '' as user_name,
  '' as state,
  0 as seconds,
  '' as query
where 1 = 0;
