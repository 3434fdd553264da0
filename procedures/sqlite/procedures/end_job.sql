-- end_job: ends a reconciliation, or an undo of its repairs, that has done its last step.
--
-- Takes:  job_id; fence: what take_job has given; state: done, or needs_attention where a person must look
-- Writes: jobs: phase, state, finished_at
-- Calls:  check_job
-- Fails:  the codes of check_job; WR044 steps are left
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- A rebuild is ended by its last batch.
create view end_job as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence,
    cast(null as text) as state
  where false;

create trigger tr_end_job_instead_of_insert
instead of insert on end_job
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  update jobs
  set
    phase = 'end',
    state = new.state,
    finished_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where job_id = new.job_id;
end;
