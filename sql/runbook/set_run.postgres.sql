-- Says how a run stands, and who works on it.
--
-- Returns: maybe

update runbook_runs
set
  state = :state,
  variables = cast(cast(:variables as text) as jsonb),
  worker = :worker,
  finished_at = cast(cast(:finished_at as text) as timestamptz)
where runbook_run_id = :runbook_run_id
returning runbook_run_id;
