-- check_job: whether a batch of a job may be done now.
--
-- Takes:  job_id; fence: what take_job has given, or NULL from a shell, which may work where no worker lives
-- Reads:  jobs; settings, job_lease_seconds
-- Fails:  WR040 the job does not run; WR042 another worker is at it
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view check_job as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence
  where false;

create trigger tr_check_job_instead_of_insert
instead of insert on check_job
begin
  select raise(abort, 'WR040 the job does not run')
  where
    not exists (
      select 1
      from jobs as j
      where j.job_id = new.job_id and j.state = 'running'
    );

  select raise(abort, 'WR042 another worker is at this job')
  from jobs as j
  where
    j.job_id = new.job_id
    and case
      when new.fence is not null then j.fence != new.fence
      else j.worker is not null
      and julianday(j.heartbeat_at) > julianday('now') - (
        select t.value / 86400.0
        from settings as t
        where t.setting = 'job_lease_seconds'
      )
    end;
end;
