-- advance_adoption: notes that all events of another store up to one of its rows are taken over.
--
-- Takes:  job_id; fence: what take_job has given, or NULL from a shell; up_to_id: the number of the row there
-- Writes: jobs: cursor, processed, heartbeat_at
-- Calls:  check_job
-- Fails:  the codes of check_job
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view advance_adoption as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence,
    cast(null as integer) as up_to_id
  where false;

create trigger tr_advance_adoption_instead_of_insert
instead of insert on advance_adoption
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  update jobs
  set
    processed = processed + max(cursor, new.up_to_id) - cursor,
    cursor = max(cursor, new.up_to_id),
    heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where job_id = new.job_id;
end;
