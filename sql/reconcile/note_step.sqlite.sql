-- Notes that a step of a run is done; no row where the lease is another's.
--
-- Returns: maybe

update reconcile_runs
set
  next_step = :next_step,
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
  end,
  heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
where run_id = :run_id and worker = :worker and state = 'running'
returning run_id;
