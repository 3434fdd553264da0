-- Rows of derived tables that are not what the events give, for the first session of a JSON array.
--
-- Returns: many
-- Not null: table_name, session_id, item, column_name
--
-- SQLite reads all events for a list, and those of one session for one; postgres takes the whole list.

select
  cast('session_summaries' as text) as table_name,
  c.session_id,
  cast('' as text) as item,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_session_summaries as c
where c.session_id = cast(:sessions as text) ->> '$[0]'
union all
select
  cast('command_stats' as text) as table_name,
  c.session_id,
  cast(c.command as text) as item,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_command_stats as c
where c.session_id = cast(:sessions as text) ->> '$[0]'
union all
select
  cast('session_files' as text) as table_name,
  c.session_id,
  cast(c.shasum as text) as item,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_session_files as c
where c.session_id = cast(:sessions as text) ->> '$[0]'
limit 1000;
