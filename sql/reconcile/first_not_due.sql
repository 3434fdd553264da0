-- The first bucket that need not be read again: before it comes a 28th of all, those read longest ago.
--
-- Returns: maybe

select b.deep_run_id, b.day, b.range_number
from reconcile_buckets as b
order by b.deep_run_id, b.day, b.range_number
limit 1 offset (select (count(*) + 27) / 28 from reconcile_buckets);
