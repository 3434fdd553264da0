-- skip_job_session: leaves out the next session of a job, which could not be done, and notes why.
--
-- Takes:  job_id; fence: what take_job has given; error: what the database said
-- Reads:  job_next_sessions; settings, job_failures
-- Writes: job_failures; jobs: failed_batches and the cursor; the state, where more have failed than the settings allow
-- Calls:  check_job
-- Fails:  the codes of check_job
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view skip_job_session as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence,
    cast(null as text) as error
  where false;

create trigger tr_skip_job_session_instead_of_insert
instead of insert on skip_job_session
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  insert into job_failures (job_id, session_id, error)
  select n.job_id, n.session_id, new.error
  from job_next_sessions as n
  where n.job_id = new.job_id and n.session_id is not null
  on conflict (job_id, session_id) do update
    set error = excluded.error;

  update jobs
  set
    failed_batches = failed_batches + 1,
    heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
    cursor = coalesce(n.summary_id, cursor),
    session_cursor = coalesce(n.session_id, session_cursor)
  from job_next_sessions as n
  where jobs.job_id = new.job_id and n.job_id = new.job_id;

  update jobs
  set
    state = 'failed',
    error = 'too many sessions failed: ' || new.error
  where
    job_id = new.job_id
    and failed_batches > (
      select t.value from settings as t where t.setting = 'job_failures'
    );
end;
