-- Takes up the last run of a mode where it was stopped, unless a day has passed or another has proved all since.
--
-- Returns: maybe

update reconcile_runs
set
  state = 'running',
  worker = :worker,
  actor = :actor,
  heartbeat_at = clock_timestamp()
where
  run_id = (
    select max(r.run_id)
    from reconcile_runs as r
    where
      r.state = 'stopped'
      and r.mode = :mode
      and r.tool_version = :tool_version
      and r.schema_version = :schema_version
      and r.started_at > clock_timestamp() - interval '1 day'
      and not exists (
        select 1
        from reconcile_runs as l
        where
          l.run_id > r.run_id
          and l.state = 'finished'
          and (l.mode != 'quick' or r.mode = 'quick')
      )
  )
returning run_id;
