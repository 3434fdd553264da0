-- Ends a run.
--
-- Returns: none

update reconcile_runs
set
  finished_at = clock_timestamp(),
  exit_code = :exit_code
where run_id = :run_id;
