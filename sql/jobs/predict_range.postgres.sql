-- How many rows a rebuild of a range of sessions would change, by table and action.
--
-- Returns: many
-- Not null: table_name, action, row_count

select
  cast('session_summaries' as text) as table_name,
  cast(
    case
      when d.event_count = 0 then 'delete'
      else 'update'
    end as text
  ) as action,
  count(*) as row_count
from session_differences as d
where
  d.summary_id > :after_id
  and d.summary_id <= :up_to_id
  and d.stored_first_at >= (select cast(cast(:from_at as text) as timestamptz))
  and d.stored_first_at < (select cast(cast(:to_at as text) as timestamptz))
group by d.event_count = 0;
