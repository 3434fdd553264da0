-- Notes a run that has begun.
--
-- Returns: one

insert into runbook_runs
  (
    runbook,
    direction,
    digest,
    tool_version,
    state,
    step_count,
    variables,
    actor,
    worker,
    started_at
  )
values
  (
    :runbook,
    :direction,
    :digest,
    :tool_version,
    'running',
    :step_count,
    :variables,
    :actor,
    :worker,
    :started_at
  )
returning runbook_run_id;
