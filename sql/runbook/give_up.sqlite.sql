-- Gives up the stopped runs of a runbook before another one begins.
--
-- Returns: none

update runbook_runs
set
  state = 'given_up',
  finished_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
where runbook = :runbook and direction = :direction and state = 'stopped';
