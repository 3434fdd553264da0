-- Rows of derived tables that are not what the events give, for the sessions in a JSON array.
--
-- Returns: many
-- Not null: table_name, session_id, item, column_name

select
  cast('session_summaries' as text) as table_name,
  c.session_id,
  cast('' as text) as item,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_session_summaries as c
where
  c.session_id = any (
    array(
      select jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb))
    )
  )
union all
select
  cast('command_stats' as text) as table_name,
  c.session_id,
  cast(c.command as text) as item,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_command_stats as c
where
  c.session_id = any (
    array(
      select jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb))
    )
  )
union all
select
  cast('session_files' as text) as table_name,
  c.session_id,
  cast(c.shasum as text) as item,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_session_files as c
where
  c.session_id = any (
    array(
      select jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb))
    )
  )
limit 1000;
