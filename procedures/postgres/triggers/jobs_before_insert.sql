-- jobs_before_insert: a job begins at its beginning.
--
-- Fails:  WR044 it begins elsewhere
-- Differs: sqlite refuses a key that is there as well; here the indexes do.
create or replace function tg_jobs_before_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if
    new.state <> 'running'
    or new.phase = 'end'
    or new.processed <> 0
    or new.failed_batches <> 0
  then
    raise exception using
      errcode = 'WR044',
      message = 'a job begins at its beginning';
  end if;

  return new;
end;
$$;

create or replace trigger tr_jobs_before_insert
before insert on jobs
for each row
execute function tg_jobs_before_insert();
