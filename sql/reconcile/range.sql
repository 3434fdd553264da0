-- The sessions of a range: from the first, up to and without the other.
--
-- Returns: one

select from_session, before_session
from reconcile_ranges
where range_number = :range_number;
