-- take_job: makes a worker the only one that may work on a job, until its last sign of life is too old.
--
-- Takes:  job_id; worker: a name that says who and where
-- Reads:  settings, job_lease_seconds
-- Writes: jobs: worker, fence, heartbeat_at; a failed job runs again; the fence of the others of its kind that are open
-- Fails:  WR042 another worker is at it, or at another job of its kind; WR043 the job has ended, or is not there
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- The fence counts the workers; a batch names the one it was told. A worker that was thought dead and comes back is refused,
-- at whichever job of the kind it was: reconciliations of all modes are one kind.
create view take_job as
  select
    cast(null as integer) as job_id,
    cast(null as text) as worker
  where false;

create trigger tr_take_job_instead_of_insert
instead of insert on take_job
begin
  select raise(abort, 'WR043 the job has ended, or there is none')
  where
    not exists (
      select 1
      from jobs as j
      where j.job_id = new.job_id and j.state in ('running', 'paused', 'failed')
    );

  select raise(abort, 'WR042 another worker is at this job')
  from jobs as j
  where
    j.kind = (
      select t.kind
      from jobs as t
      where t.job_id = new.job_id
    )
    and j.state in ('running', 'paused', 'failed')
    and j.worker is not null
    and j.worker != new.worker
    and julianday(j.heartbeat_at) > julianday('now') - (
      select t.value / 86400.0
      from settings as t
      where t.setting = 'job_lease_seconds'
    );

  update jobs
  set
    worker = null,
    fence = fence + 1,
    heartbeat_at = null
  where
    kind = (
      select t.kind
      from jobs as t
      where t.job_id = new.job_id
    )
    and job_id != new.job_id
    and state in ('running', 'paused', 'failed');

  update jobs
  set
    worker = new.worker,
    fence = fence + 1,
    heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
    started_at = coalesce(started_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    state = iif(state = 'failed', 'running', state),
    error = iif(state = 'failed', null, error)
  where job_id = new.job_id;
end;
