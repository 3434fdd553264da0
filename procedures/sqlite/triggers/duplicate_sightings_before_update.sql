-- duplicate_sightings_before_update: a sighting cannot be changed.
--
-- Fails:  WR014 always
create trigger tr_duplicate_sightings_before_update
before update on duplicate_sightings
begin
  select raise(abort, 'WR014 a sighting cannot be changed');
end;
