-- The day of the newest session, as YYYY-MM-DD.
--
-- Returns: one

select substr(max(s.first_event_at), 1, 10) as day
from session_summaries as s;
