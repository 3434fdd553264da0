-- The last session in the order that jobs walk; 0 where there is none.
--
-- Returns: one
-- Not null: last_id

select coalesce(max(s.summary_id), 0) as last_id
from session_places as s;
