-- Adds to the counts of a run what a step has come to.
--
-- Returns: none

update reconcile_runs
set
  sessions = sessions + :sessions,
  events = events + :events,
  buckets = buckets + :buckets,
  deep_buckets = deep_buckets + :deep_buckets,
  deep_sessions = deep_sessions + :deep_sessions,
  differed_once = differed_once + :differed_once,
  in_flight = in_flight + :in_flight,
  busy_ms = busy_ms + :busy_ms,
  longest_snapshot_ms = case
    when longest_snapshot_ms < :snapshot_ms then :snapshot_ms
    else longest_snapshot_ms
  end
where run_id = :run_id;
