-- skip_job_session: leaves out the next session of a job, which could not be done, and notes why.
--
-- Takes:   job_id; fence: what take_job has given; error: what the database said
-- Gives:   nothing
-- Reads:   job_next_sessions; settings, job_failures
-- Writes:  job_failures; jobs: failed_batches and the cursor; the state, where more have failed than the settings allow
-- Calls:   check_job
-- Fails:   the codes of check_job
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace function skip_job_session(
  job_id bigint,
  fence bigint,
  error text
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_next record;
begin
  perform check_job(skip_job_session.job_id, skip_job_session.fence);

  select n.* into v_next
  from job_next_sessions as n
  where n.job_id = skip_job_session.job_id;

  insert into job_failures (job_id, session_id, error)
  select v_next.job_id, v_next.session_id, skip_job_session.error
  where v_next.session_id is not null
  on conflict on constraint pk_job_failures do update
  set error = excluded.error;

  update jobs as j
  set
    failed_batches = j.failed_batches + 1,
    heartbeat_at = clock_timestamp(),
    cursor = coalesce(v_next.summary_id, j.cursor),
    session_cursor = case
      when v_next.summary_id is null then coalesce(v_next.session_id, j.session_cursor)
      else j.session_cursor
    end
  where j.job_id = skip_job_session.job_id;

  update jobs as j
  set state = 'failed', error = 'too many sessions failed: ' || skip_job_session.error
  where
    j.job_id = skip_job_session.job_id
    and j.failed_batches > (select t.value from settings as t where t.setting = 'job_failures');
end;
$$;
