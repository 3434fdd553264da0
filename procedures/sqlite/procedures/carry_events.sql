-- carry_events: moves the events of an undo that a batch had seen too into the open carry batch made for it.
--
-- Takes:  batch_id of the carry batch, inserted as a row
-- Reads:  undo_events; ingest_batches
-- Writes: raw_events and duplicate_sightings, their event_id alone; undo_events, those moved are deleted
-- Fails:  WR014 the batch is no open carry batch
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view carry_events as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_carry_events_instead_of_insert
instead of insert on carry_events
begin
  update raw_events
  set event_id = new.batch_id * 1048576 + u.ordinal
  from
    ingest_batches as b
    join undo_events as u on u.carried_for_batch_id = b.carried_for_batch_id
  where b.batch_id = new.batch_id and u.event_id = raw_events.event_id;

  update duplicate_sightings
  set event_id = new.batch_id * 1048576 + u.ordinal
  from
    ingest_batches as b
    join undo_events as u on u.carried_for_batch_id = b.carried_for_batch_id
  where b.batch_id = new.batch_id and u.event_id = duplicate_sightings.event_id;

  delete from undo_events
  where
    carried_for_batch_id = (
      select b.carried_for_batch_id
      from ingest_batches as b
      where b.batch_id = new.batch_id
    );
end;
