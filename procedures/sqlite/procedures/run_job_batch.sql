-- run_job_batch: does one batch of a job and moves its cursor, in the transaction of the caller.
--
-- Takes:  job_id; fence: what take_job has given, or NULL from a shell; batch_size, in sessions; NULL takes that of the job
-- Reads:  jobs
-- Writes: jobs: heartbeat_at
-- Calls:  check_job; step_rebuild; recount_ips
-- Fails:  the codes of check_job
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view run_job_batch as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence,
    cast(null as integer) as batch_size
  where false;

create trigger tr_run_job_batch_instead_of_insert
instead of insert on run_job_batch
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  update jobs
  set
    heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
    started_at = coalesce(started_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
  where job_id = new.job_id;

  insert into step_rebuild (job_id, batch_size)
  select j.job_id, coalesce(new.batch_size, j.batch_size)
  from jobs as j
  where j.job_id = new.job_id;

  insert into recount_ips (batch_id)
  select null
  where exists (select 1 from ip_recounts);
end;
