-- The day of the newest session, as YYYY-MM-DD.
--
-- Returns: one

select to_char(max(s.first_event_at), 'YYYY-MM-DD') as day
from session_summaries as s;
