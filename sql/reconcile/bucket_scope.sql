-- How many buckets are proved, and when the one was read that was read longest ago.
--
-- Returns: one
-- Not null: buckets

select
  count(*) as buckets,
  min(b.deep_proved_at) as oldest_deep_proved_at
from reconcile_buckets as b;
