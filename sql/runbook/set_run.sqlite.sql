-- Says how a run stands, and who works on it.
--
-- Returns: maybe

update runbook_runs
set
  state = :state,
  variables = :variables,
  worker = :worker,
  finished_at = :finished_at
where runbook_run_id = :runbook_run_id
returning runbook_run_id;
