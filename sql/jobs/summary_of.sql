-- The place of a session among the summaries that jobs walk.
--
-- Returns: maybe
-- Not null: summary_id

select s.summary_id
from session_places as s
where s.session_id = :session_id;
