-- Jobs, the newest first.
--
-- Returns: many

select
  j.job_id,
  j.kind,
  j.params,
  j.state,
  j.phase,
  j.cursor,
  j.last_cursor,
  j.total,
  j.processed,
  j.rows_inserted,
  j.rows_updated,
  j.rows_deleted,
  j.failed_batches,
  j.restarts,
  j.batch_size,
  j.fence,
  j.worker,
  j.heartbeat_at,
  j.actor,
  j.created_at,
  j.started_at,
  j.finished_at,
  j.error
from jobs as j
order by j.job_id desc
limit :row_limit;
