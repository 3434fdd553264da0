-- Notes one attempt at a step, or how it ended.
--
-- Returns: none

insert into runbook_steps
  (
    runbook_run_id,
    step_number,
    attempt,
    section,
    label,
    kind,
    what,
    outcome,
    exit_code,
    output,
    started_at,
    finished_at
  )
values
  (
    :runbook_run_id,
    :step_number,
    :attempt,
    :section,
    :label,
    :kind,
    :what,
    :outcome,
    :exit_code,
    :output,
    :started_at,
    :finished_at
  )
on conflict (runbook_run_id, step_number, attempt) do update
  set
    outcome = excluded.outcome,
    exit_code = excluded.exit_code,
    output = excluded.output,
    finished_at = excluded.finished_at;
