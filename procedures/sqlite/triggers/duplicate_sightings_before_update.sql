-- duplicate_sightings_before_update: a sighting cannot be changed; only its event's number, when an undo moves the event.
--
-- Reads:  ingest_batches
-- Fails:  WR014 anything else
create trigger tr_duplicate_sightings_before_update
before update on duplicate_sightings
when
  (new.batch_id, new.sightings) is not (old.batch_id, old.sightings)
  or not exists (
    select 1
    from
      ingest_batches as o
      join ingest_batches as n
        on n.batch_id = new.event_id >> 20
        and n.kind = 'carry'
        and n.sealed_at is null
    where o.batch_id = old.event_id >> 20 and o.undone_at is not null
  )
begin
  select raise(abort, 'WR014 a sighting cannot be changed');
end;
