-- The risk rules in force.
--
-- Returns: many

select event_type, field, match, pattern, score
from risk_rules
order by event_type, field, match, pattern;
