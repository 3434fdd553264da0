-- How many events the summaries count.
--
-- Returns: one
-- Not null: event_count

select cast(coalesce(sum(s.event_count), 0) as bigint) as event_count
from session_summaries as s;
