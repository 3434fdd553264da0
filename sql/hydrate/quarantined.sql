-- What is kept of a row that this engine cannot hold.
--
-- Returns: many

select q.column_name, q.reason, q.raw_digest, q.row_values
from hydration_quarantine as q
where q.table_name = :table_name and q.row_key = :row_key;
