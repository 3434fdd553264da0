-- Says that a worker has left a job, so that the next need not wait.
--
-- Returns: none

update jobs
set
  worker = null,
  heartbeat_at = null
where job_id = :job_id and fence = :fence;
