-- The next rows that were kept out, without what is in them.
--
-- Returns: many

select
  q.hydration_quarantine_id,
  q.table_name,
  q.last_key,
  q.row_key,
  q.column_name,
  q.reason
from hydration_quarantine as q
where q.hydration_quarantine_id > :after_id
order by q.hydration_quarantine_id
limit 2000;
