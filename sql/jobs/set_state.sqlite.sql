-- Sets the state of a job that is open; gives its number where one was.
--
-- Returns: maybe

update jobs
set
  state = :state,
  error = :error,
  finished_at = case
    when :state = 'cancelled' then strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  end
where job_id = :job_id and state in ('running', 'paused', 'failed')
returning job_id;
