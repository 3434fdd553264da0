-- Ends a run.
--
-- Returns: none

update reconcile_runs
set
  finished_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
  exit_code = :exit_code
where run_id = :run_id;
