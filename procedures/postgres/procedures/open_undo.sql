-- open_undo: begins to undo a batch: marks it, forgets what it saw, resolves its letters, remembers what is touched.
--
-- Takes:   batch_id
-- Gives:   nothing. It waits until the loads under way have committed their batches, and lets none in until the transaction ends
-- Reads:   undo_members; undo_carries; undo_letters; raw_events
-- Writes:  undo_sessions; undo_events; ingest_batches, undone_at; duplicate_sightings, deleted; dead_letter_events, resolved
-- Calls:   check_undo, lock_chain
-- Fails:   the codes of check_undo
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Then carry_events for each batch of undo_events, and close_undo, in the same transaction; undo_batch does all of it
-- where no event has to move. The lock of the table comes before that of the chain, as in a load.
create or replace procedure open_undo(batch_id bigint)
language plpgsql
set search_path from current
as $$
begin
  lock table raw_events in share row exclusive mode;
  perform lock_chain();
  perform check_undo(open_undo.batch_id);

  insert into undo_sessions (session_id, batch_id)
  select '', m.batch_id
  from undo_members as m
  where m.undone_batch_id = open_undo.batch_id
  union
  select e.session_id, m.batch_id
  from
    undo_members as m
    join raw_events as e
      on e.event_id >= m.batch_id * 1048576
      and e.event_id < (m.batch_id + 1) * 1048576
  where m.undone_batch_id = open_undo.batch_id;

  insert into undo_events (event_id, carried_for_batch_id, ordinal)
  select
    e.event_id,
    c.carried_for_batch_id,
    row_number() over (
      partition by c.carried_for_batch_id
      order by e.session_id, e.occurred_at, e.line_digest
    ) - 1
  from
    undo_carries as c
    join raw_events as e on e.event_id = c.event_id
  where c.undone_batch_id = open_undo.batch_id;

  update ingest_batches as b
  set undone_at = clock_timestamp()
  from undo_sessions as u
  where u.session_id = '' and u.batch_id = b.batch_id and b.undone_at is null;

  delete from duplicate_sightings as d
  using undo_sessions as u
  where u.session_id = '' and u.batch_id = d.batch_id;

  update dead_letter_events as d
  set resolved_at = clock_timestamp(), resolution = 'undone'
  where
    d.dead_letter_id in (
      select l.dead_letter_id
      from undo_letters as l
      where l.undone_batch_id = open_undo.batch_id
    );

  update dead_letter_events as d
  set
    resolved_at = case when d.purged_at is not null then d.resolved_at end,
    resolution = case when d.purged_at is not null then 'purged' end,
    resolved_batch_id = null
  from undo_sessions as u
  where u.session_id = '' and u.batch_id = d.resolved_batch_id and d.resolution = 'replayed';
end;
$$;
