-- jobs_before_insert: a job begins at its beginning.
--
-- Reads:  store_state
-- Fails:  WR044 it begins elsewhere; WR056 the store is not open
-- Differs: sqlite refuses a key that is there as well; here the indexes do.
create or replace function tg_jobs_before_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if (select s.state from store_state as s) <> 'open' then
    raise exception using
      errcode = 'WR056',
      message = (
        select format(
          'the store is %s%s',
          s.state,
          ', its place was taken by ' || s.moved_to
        )
        from store_state as s
      );
  end if;

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
