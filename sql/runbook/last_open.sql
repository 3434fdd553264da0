-- The newest run that can go on.
--
-- Returns: maybe

select
  r.runbook_run_id,
  r.runbook,
  r.direction,
  r.digest,
  r.tool_version,
  r.state,
  r.step_count,
  r.variables,
  r.actor,
  r.worker,
  r.started_at,
  r.finished_at
from runbook_runs as r
where r.state in ('running', 'stopped')
order by r.runbook_run_id desc
limit 1;
