-- The rows of a part that were kept out.
--
-- Returns: many

select q.row_key, q.row_values
from hydration_quarantine as q
where q.table_name = :table_name and q.last_key = :last_key
order by q.hydration_quarantine_id;
