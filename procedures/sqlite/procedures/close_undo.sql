-- close_undo: ends an undo: deletes the events and the evidence that did not move, and derives the touched sessions anew.
--
-- Takes:  batch_id of the undone batch, inserted as a row
-- Reads:  undo_sessions; undo_events
-- Writes: raw_events and batch_evidence, deleted; undo_sessions, emptied
-- Calls:  refold_sessions
-- Fails:  WR035 events that others have seen have not been carried; WR036 no undo of this batch is open
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view close_undo as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_close_undo_instead_of_insert
instead of insert on close_undo
begin
  select raise(abort, 'WR036 no undo of this batch is open')
  where
    not exists (
      select 1
      from undo_sessions as u
      where u.session_id = '' and u.batch_id = new.batch_id
    );

  select
    raise(
      abort,
      'WR035 other batches have seen events of this one; run ingest undo'
    )
  where exists (select 1 from undo_events);

  delete from raw_events
  where
    event_id in (
      select e.event_id
      from
        undo_sessions as u
        join raw_events as e
          on e.event_id >= u.batch_id * 1048576
          and e.event_id < (u.batch_id + 1) * 1048576
      where u.session_id = ''
    );

  delete from batch_evidence
  where
    batch_id in (
      select u.batch_id from undo_sessions as u where u.session_id = ''
    );

  insert into refold_sessions (batch_id) values (new.batch_id);

  delete from undo_sessions;
end;
