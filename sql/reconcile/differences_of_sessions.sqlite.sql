-- Derived rows of the first session of a JSON array that are not what their events add up to, with the class of each.
--
-- Returns: many
-- Not null: class, table_name, session_id, item, column_name
--
-- Differs: SQLite reads all events for a list, and those of one session for one; postgres takes the whole list.

select
  cast(
    coalesce(
      (
        select k.class
        from drift_columns as k
        where k.table_name = d.table_name and k.column_name = d.problem
      ),
      'wrong_merge_field'
    ) as text
  ) as class,
  cast(d.table_name as text) as table_name,
  d.session_id,
  cast(d.item as text) as item,
  cast(d.column_name as text) as column_name,
  cast(d.stored as text) as stored,
  cast(d.expected as text) as expected
from derived_differences as d
where d.session_id = cast(:sessions as text) ->> '$[0]';
