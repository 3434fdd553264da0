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
    cast(cast(:variables as text) as jsonb),
    :actor,
    :worker,
    cast(cast(:started_at as text) as timestamptz)
  )
returning runbook_run_id;
