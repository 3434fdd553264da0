-- Takes the lease from a run; it can be resumed. Gives no row where another worker has the run meanwhile.
--
-- Returns: maybe

update reconcile_runs
set state = 'stopped'
where run_id = :run_id and worker = :worker and state = 'running'
returning run_id;
