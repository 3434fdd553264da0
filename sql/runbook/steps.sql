-- The steps of a run and all attempts at them, in order.
--
-- Returns: many

select
  s.step_number,
  s.attempt,
  s.section,
  s.label,
  s.kind,
  s.what,
  s.outcome,
  s.exit_code,
  s.output,
  s.started_at,
  s.finished_at
from runbook_steps as s
where s.runbook_run_id = :runbook_run_id
order by s.step_number, s.attempt;
