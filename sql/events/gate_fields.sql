-- The JSON types of the fields that the gate looks at, and the flag of an event that has another.
--
-- Returns: many

select event_type, field, json_types, flag
from event_fields
where flag is not null
order by event_type, field;
