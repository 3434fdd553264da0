-- duplicate_sightings_before_update: a sighting cannot be changed.
--
-- Fails:  WR014 always
create or replace function tg_duplicate_sightings_before_update()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR014',
    message = 'a sighting cannot be changed';
end;
$$;

create or replace trigger tr_duplicate_sightings_before_update
before update on duplicate_sightings
for each row
execute function tg_duplicate_sightings_before_update();
