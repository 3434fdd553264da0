-- carry_events: moves the events of an undo that a batch had seen too into the open carry batch made for it.
--
-- Takes:   batch_id of the carry batch
-- Reads:   undo_events; ingest_batches
-- Writes:  raw_events and duplicate_sightings, their event_id alone; undo_events, those moved are deleted
-- Fails:   WR014 the batch is no open carry batch
-- Differs: sqlite has a view with an INSTEAD OF trigger. Events and sightings move in one statement, at whose end the foreign key between them is checked.
create or replace procedure carry_events(batch_id bigint)
language plpgsql
set search_path from current
as $$
begin
  with
    moves as materialized (
      select u.event_id, b.batch_id * 1048576 + u.ordinal as moved_event_id
      from
        ingest_batches as b
        join undo_events as u on u.carried_for_batch_id = b.carried_for_batch_id
      where b.batch_id = carry_events.batch_id
    ),
    moved as (
      update raw_events as e
      set event_id = m.moved_event_id
      from moves as m
      where m.event_id = e.event_id
    )
  update duplicate_sightings as d
  set event_id = m.moved_event_id
  from moves as m
  where m.event_id = d.event_id;

  delete from undo_events as u
  using ingest_batches as b
  where
    b.batch_id = carry_events.batch_id
    and u.carried_for_batch_id = b.carried_for_batch_id;
end;
$$;
