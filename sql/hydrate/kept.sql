-- The JSON texts of a part that its JSONB does not tell, compressed.
--
-- Returns: maybe

select c.kept_texts
from hydration_chunks as c
where c.table_name = :table_name and c.last_key = :last_key;
