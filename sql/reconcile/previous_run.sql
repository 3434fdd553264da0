-- The last run that has proved all sessions.
--
-- Returns: maybe

select
  r.run_id,
  r.watermark_position,
  r.started_at,
  r.tool_version,
  r.schema_version
from reconcile_runs as r
where r.finished_at is not null and r.mode != 'quick'
order by r.run_id desc
limit 1;
