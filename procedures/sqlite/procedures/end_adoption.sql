-- end_adoption: ends an adoption that has taken over all that the other store has.
--
-- Takes:  job_id; fence: what take_job has given, or NULL from a shell
-- Writes: jobs: phase, state, finished_at
-- Calls:  check_job
-- Fails:  the codes of check_job; WR044 events are left
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view end_adoption as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence
  where false;

create trigger tr_end_adoption_instead_of_insert
instead of insert on end_adoption
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  update jobs set phase = 'strays' where job_id = new.job_id;

  update jobs
  set
    phase = 'end',
    state = 'done',
    finished_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where job_id = new.job_id;
end;
