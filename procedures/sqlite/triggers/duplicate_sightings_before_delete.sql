-- duplicate_sightings_before_delete: a sighting cannot be deleted, but by the undo of its batch.
--
-- Reads:  ingest_batches
-- Fails:  WR015 its batch is not undone
create trigger tr_duplicate_sightings_before_delete
before delete on duplicate_sightings
when
  not exists (
    select 1
    from ingest_batches as b
    where b.batch_id = old.batch_id and b.undone_at is not null
  )
begin
  select raise(abort, 'WR015 a sighting cannot be deleted');
end;
