-- Days of a range of which a run has noted what holds later.
--
-- Returns: many

select p.day
from reconcile_pending_buckets as p
where p.run_id = :run_id and p.range_number = :range_number;
