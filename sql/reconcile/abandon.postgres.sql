-- Gives up the jobs of a mode, and those of quick runs, that nobody is at and that a run with these words cannot take up: they
-- were begun with others, or six hours ago, or by another version, or another run has proved all since. Paused ones are left.
--
-- Returns: none

update jobs
set
  state = 'cancelled',
  error = 'given up for a later run',
  finished_at = clock_timestamp()
where
  kind = 'reconcile'
  and state in ('running', 'failed')
  and worker is null
  and params ->> 'mode' in (:mode, 'quick')
  and not exists (
    select 1
    from reconcile_runs as r
    where
      r.job_id = jobs.job_id
      and r.mode = :mode
      and cast(jobs.params -> 'repair' as text) = :repair
      and r.tool_version = :tool_version
      and r.schema_version = :schema_version
      and r.started_at > clock_timestamp() - interval '6 hours'
      and not exists (
        select 1
        from reconcile_runs as l
        where
          l.run_id > r.run_id
          and l.finished_at is not null
          and (l.mode != 'quick' or r.mode = 'quick')
      )
  );
