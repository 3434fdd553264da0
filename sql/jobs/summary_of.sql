-- The place of a session among the summaries that jobs walk.
--
-- Returns: maybe

select s.summary_id
from session_summaries as s
where s.session_id = :session_id;
