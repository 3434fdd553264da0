-- A sign of life of a worker whose job does nothing for a while.
--
-- Returns: none

update jobs
set heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
where job_id = :job_id and fence = :fence;
