-- How many rows a rebuild would delete whose session has neither a summary nor events, by table.
--
-- Returns: many
-- Not null: table_name, row_count

select cast('command_stats' as text) as table_name, count(*) as row_count
from command_stats as c
where
  not exists (
    select 1 from session_summaries as s where s.session_id = c.session_id
  )
  and not exists (
    select 1 from raw_events as e where e.session_id = c.session_id
  )
union all
select cast('session_files' as text) as table_name, count(*) as row_count
from session_files as f
where
  not exists (
    select 1 from session_summaries as s where s.session_id = f.session_id
  )
  and not exists (
    select 1 from raw_events as e where e.session_id = f.session_id
  );
