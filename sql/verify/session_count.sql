-- How many summaries follow a session.
--
-- Returns: one
-- Not null: sessions

select count(*) as sessions
from session_summaries
where session_id > :after_session;
