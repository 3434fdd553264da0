-- How many rows a rebuild of a range of sessions would change, by table and action.
--
-- Returns: many
-- Not null: table_name, action, row_count

select
  cast('session_summaries' as text) as table_name,
  cast('update' as text) as action,
  count(*) as row_count
from session_differences as d
where
  d.summary_id > :after_id
  and d.summary_id <= :up_to_id
  and d.stored_first_at >= (select cast(cast(:from_at as text) as timestamptz))
  and d.stored_first_at < (select cast(cast(:to_at as text) as timestamptz))
union all
select
  cast('session_summaries' as text) as table_name,
  cast('delete' as text) as action,
  count(*) as row_count
from session_places as d
where
  d.summary_id > :after_id
  and d.summary_id <= :up_to_id
  and d.first_event_at >= (select cast(cast(:from_at as text) as timestamptz))
  and d.first_event_at < (select cast(cast(:to_at as text) as timestamptz))
  and not exists (
    select 1 from raw_events as e where e.session_id = d.session_id
  );
