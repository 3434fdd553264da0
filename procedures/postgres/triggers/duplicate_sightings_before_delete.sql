-- duplicate_sightings_before_delete: a sighting cannot be deleted.
--
-- Fails:  WR015 always
create or replace function tg_duplicate_sightings_before_delete()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'a sighting cannot be deleted';
end;
$$;

create or replace trigger tr_duplicate_sightings_before_delete
before delete on duplicate_sightings
for each row
execute function tg_duplicate_sightings_before_delete();
