-- raw_events_before_truncate: an event cannot be deleted.
--
-- Fails:  WR015 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_raw_events_before_truncate()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'an event cannot be deleted';
end;
$$;

create or replace trigger tr_raw_events_before_truncate
before truncate on raw_events
for each statement
execute function tg_raw_events_before_truncate();
