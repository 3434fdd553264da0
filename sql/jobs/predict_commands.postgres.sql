-- How many rows of command statistics a rebuild of a range of sessions would change, by action.
--
-- Returns: many
-- Not null: table_name, action, row_count

select
  cast('command_stats' as text) as table_name,
  cast(d.action as text) as action,
  count(*) as row_count
from command_differences as d
where
  d.summary_id > :after_id
  and d.summary_id <= :up_to_id
  and d.stored_first_at >= (select cast(cast(:from_at as text) as timestamptz))
  and d.stored_first_at < (select cast(cast(:to_at as text) as timestamptz))
group by d.action;
