-- close_undo: ends an undo: deletes the events and the evidence that did not move, and derives the touched sessions anew.
--
-- Takes:   batch_id of the undone batch
-- Reads:   undo_sessions; undo_events
-- Writes:  raw_events and batch_evidence, deleted; undo_sessions, emptied
-- Calls:   refold_sessions
-- Fails:   WR035 events that others have seen have not been carried; WR036 no undo of this batch is open
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace procedure close_undo(batch_id bigint)
language plpgsql
set search_path from current
as $$
begin
  if
    not exists (
      select 1
      from undo_sessions as u
      where u.session_id = '' and u.batch_id = close_undo.batch_id
    )
  then
    raise exception using
      errcode = 'WR036',
      message = 'no undo of this batch is open';
  end if;

  if exists (select 1 from undo_events) then
    raise exception using
      errcode = 'WR035',
      message = 'other batches have seen events of this one; run ingest undo';
  end if;

  delete from raw_events as e
  using undo_sessions as u
  where
    u.session_id = ''
    and e.event_id >= u.batch_id * 1048576
    and e.event_id < (u.batch_id + 1) * 1048576;

  delete from batch_evidence as v
  using undo_sessions as u
  where u.session_id = '' and u.batch_id = v.batch_id;

  perform refold_sessions();

  delete from undo_sessions;
end;
$$;
