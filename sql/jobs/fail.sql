-- Notes why a worker has given a job up, unless another one has taken it over.
--
-- Returns: none

update jobs
set
  state = 'failed',
  error = :error
where job_id = :job_id and fence = :fence and state = 'running';
