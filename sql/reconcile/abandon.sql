-- Gives up the runs that were stopped and that no run will take up.
--
-- Returns: none

update reconcile_runs
set state = 'abandoned'
where state = 'stopped' and (mode = :mode or mode = 'quick');
