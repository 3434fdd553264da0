-- A run, and how its job stands.
--
-- Returns: one
-- Not null: next_step, phase, job_state

select
  r.run_id,
  r.job_id,
  r.mode,
  coalesce(
    (
      select j.cursor
      from jobs as j
      where j.job_id = r.job_id
    ),
    0
  ) as next_step,
  coalesce(
    (
      select j.phase
      from jobs as j
      where j.job_id = r.job_id
    ),
    'end'
  ) as phase,
  coalesce(
    (
      select j.state
      from jobs as j
      where j.job_id = r.job_id
    ),
    'cancelled'
  ) as job_state,
  r.since_position,
  r.watermark_position,
  r.watermark_digest,
  r.sessions,
  r.events,
  r.buckets,
  r.deep_buckets,
  r.deep_sessions,
  r.differed_once,
  r.in_flight,
  r.raw_events,
  r.summed_events,
  r.unattributed_events,
  r.accepted_events,
  r.duplicate_sightings,
  r.busy_ms,
  r.longest_snapshot_ms,
  r.tool_version,
  r.schema_version,
  r.actor,
  r.started_at,
  r.finished_at,
  r.exit_code
from reconcile_runs as r
where r.run_id = :run_id;
