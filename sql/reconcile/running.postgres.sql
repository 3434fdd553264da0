-- The run that holds the lease, and whether its heart has not beaten for a while.
--
-- Returns: maybe
-- Not null: is_stale

select
  run_id,
  mode,
  actor,
  worker,
  heartbeat_at,
  case
    when heartbeat_at < clock_timestamp() - interval '90 seconds' then 1
    else 0
  end as is_stale
from reconcile_runs
where state = 'running';
