-- A sign of life of a worker whose job does nothing for a while.
--
-- Returns: none

update jobs
set heartbeat_at = clock_timestamp()
where job_id = :job_id and fence = :fence;
