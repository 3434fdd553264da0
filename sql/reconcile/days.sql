-- The digests of the days.
--
-- Returns: many

select day, digest
from reconcile_days
order by day;
