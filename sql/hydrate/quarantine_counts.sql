-- The rows that were kept out, by table, column and reason.
--
-- Returns: many
-- Not null: row_count

select q.table_name, q.column_name, q.reason, count(*) as row_count
from hydration_quarantine as q
group by q.table_name, q.column_name, q.reason
order by q.table_name, q.column_name, q.reason;
