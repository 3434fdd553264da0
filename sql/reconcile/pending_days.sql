-- Days of which a run has noted what holds later.
--
-- Returns: many

select distinct p.day
from reconcile_pending_buckets as p
where p.run_id = :run_id
order by p.day;
