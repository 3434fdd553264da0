-- take_job: makes a worker the only one that may work on a job, until its last sign of life is too old.
--
-- Takes:   job_id; worker: a name that says who and where
-- Gives:   the fence, which each batch of this worker names
-- Reads:   settings, job_lease_seconds
-- Writes:  jobs: worker, fence, heartbeat_at; a failed job runs again; the fence of the others of its kind that are open
-- Fails:   WR042 another worker is at it, or at another job of its kind; WR043 the job has ended, or is not there
-- Differs: sqlite has a view with an INSTEAD OF trigger; the fence is read from jobs.
--
-- The fence counts the workers. A worker that was thought dead and comes back is refused, at whichever job of the kind it was:
-- reconciliations of all modes are one kind. The lock keeps two of them from being taken at once.
create or replace function take_job(job_id bigint, worker text)
returns bigint
language plpgsql
set search_path from current
as $$
declare
  v_job jobs;
begin
  perform pg_advisory_xact_lock(7266311, 2);

  select j.* into v_job
  from jobs as j
  where j.job_id = take_job.job_id and j.state in ('running', 'paused', 'failed')
  for update;

  if not found then
    raise exception using
      errcode = 'WR043',
      message = 'the job has ended, or there is none';
  end if;

  if
    exists (
      select 1
      from jobs as j
      where
        j.kind = v_job.kind
        and j.state in ('running', 'paused', 'failed')
        and j.worker <> take_job.worker
        and j.heartbeat_at > clock_timestamp() - (
          select t.value * interval '1 second'
          from settings as t
          where t.setting = 'job_lease_seconds'
        )
    )
  then
    raise exception using
      errcode = 'WR042',
      message = 'another worker is at this job';
  end if;

  update jobs as j
  set worker = null, fence = j.fence + 1, heartbeat_at = null
  where
    j.kind = v_job.kind
    and j.job_id <> take_job.job_id
    and j.state in ('running', 'paused', 'failed');

  update jobs as j
  set
    worker = take_job.worker,
    fence = j.fence + 1,
    heartbeat_at = clock_timestamp(),
    started_at = coalesce(j.started_at, clock_timestamp()),
    state = case j.state when 'failed' then 'running' else j.state end,
    error = case j.state when 'failed' then null else j.error end
  where j.job_id = take_job.job_id;

  return v_job.fence + 1;
end;
$$;
