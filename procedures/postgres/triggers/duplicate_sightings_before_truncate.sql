-- duplicate_sightings_before_truncate: a sighting cannot be deleted.
--
-- Fails:  WR015 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_duplicate_sightings_before_truncate()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'a sighting cannot be deleted';
end;
$$;

create or replace trigger tr_duplicate_sightings_before_truncate
before truncate on duplicate_sightings
for each statement
execute function tg_duplicate_sightings_before_truncate();
