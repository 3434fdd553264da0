-- raw_events_before_delete: an event cannot be deleted, but by the undo of its batch.
--
-- Reads:  ingest_batches
-- Fails:  WR015 its batch is not undone
create trigger tr_raw_events_before_delete
before delete on raw_events
when
  not exists (
    select 1
    from ingest_batches as b
    where b.batch_id = old.event_id >> 20 and b.undone_at is not null
  )
begin
  select raise(abort, 'WR015 an event cannot be deleted');
end;
