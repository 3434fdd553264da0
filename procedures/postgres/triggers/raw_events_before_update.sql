-- raw_events_before_update: an event cannot be changed.
--
-- Fails:  WR014 always
create or replace function tg_raw_events_before_update()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR014',
    message = 'an event cannot be changed';
end;
$$;

create or replace trigger tr_raw_events_before_update
before update on raw_events
for each row
execute function tg_raw_events_before_update();
