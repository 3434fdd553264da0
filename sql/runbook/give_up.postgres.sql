-- Gives up the stopped runs of a runbook before another one begins.
--
-- Returns: none

update runbook_runs
set
  state = 'given_up',
  finished_at = clock_timestamp()
where runbook = :runbook and direction = :direction and state = 'stopped';
