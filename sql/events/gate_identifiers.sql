-- The fields that may name a session, by priority.
--
-- Returns: many

select field, matcher
from session_identifiers
order by priority;
