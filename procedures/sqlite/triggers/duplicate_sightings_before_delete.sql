-- duplicate_sightings_before_delete: a sighting cannot be deleted.
--
-- Fails:  WR015 always
create trigger tr_duplicate_sightings_before_delete
before delete on duplicate_sightings
begin
  select raise(abort, 'WR015 a sighting cannot be deleted');
end;
