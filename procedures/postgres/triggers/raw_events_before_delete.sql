-- raw_events_before_delete: an event cannot be deleted.
--
-- Fails:  WR015 always
create or replace function tg_raw_events_before_delete()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'an event cannot be deleted';
end;
$$;

create or replace trigger tr_raw_events_before_delete
before delete on raw_events
for each row
execute function tg_raw_events_before_delete();
