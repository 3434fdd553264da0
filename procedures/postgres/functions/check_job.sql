-- check_job: whether a batch of a job may be done now; keeps other workers away until the transaction ends.
--
-- Takes:   job_id; fence: what take_job has given, or NULL where no worker lives
-- Gives:   the job
-- Reads:   jobs; settings, job_lease_seconds
-- Fails:   WR040 the job does not run; WR042 another worker is at it
-- Differs: sqlite has a view with an INSTEAD OF trigger, and gives nothing.
create or replace function check_job(job_id bigint, fence bigint default null)
returns jobs
language plpgsql
set search_path from current
as $$
declare
  v_job jobs;
begin
  select j.* into v_job from jobs as j where j.job_id = check_job.job_id for update;

  if v_job.state is distinct from 'running' then
    raise exception using
      errcode = 'WR040',
      message = 'the job does not run';
  end if;

  if
    v_job.fence <> check_job.fence
    or check_job.fence is null
    and v_job.worker is not null
    and v_job.heartbeat_at > clock_timestamp() - (
      select t.value * interval '1 second'
      from settings as t
      where t.setting = 'job_lease_seconds'
    )
  then
    raise exception using
      errcode = 'WR042',
      message = 'another worker is at this job';
  end if;

  return v_job;
end;
$$;
