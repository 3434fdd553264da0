-- The event ids that the gate knows, and what the numbered ones stand for.
--
-- Returns: many

select event_type, legacy_of
from event_types
order by event_type;
