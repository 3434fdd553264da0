-- A run.
--
-- Returns: one

select
  run_id,
  mode,
  state,
  next_step,
  since_position,
  watermark_position,
  watermark_digest,
  sessions,
  events,
  buckets,
  deep_buckets,
  deep_sessions,
  differed_once,
  in_flight,
  raw_events,
  summed_events,
  unattributed_events,
  accepted_events,
  duplicate_sightings,
  busy_ms,
  longest_snapshot_ms,
  tool_version,
  schema_version,
  actor,
  worker,
  heartbeat_at,
  started_at,
  finished_at,
  exit_code
from reconcile_runs
where run_id = :run_id;
