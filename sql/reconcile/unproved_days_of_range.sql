-- Days of a range that a run has found to be proved no more.
--
-- Returns: many

select p.day
from reconcile_pending_buckets as p
where
  p.run_id = :run_id
  and p.range_number = :range_number
  and p.digest is null;
