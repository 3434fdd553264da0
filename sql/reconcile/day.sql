-- The digest of a day.
--
-- Returns: maybe

select digest
from reconcile_days
where day = :day;
