-- open_undo: begins to undo a batch: marks it, forgets what it saw, resolves its letters, remembers what is touched.
--
-- Takes:  batch_id, inserted as a row
-- Reads:  undo_members; undo_carries; undo_letters; raw_events
-- Writes: undo_sessions; undo_events; ingest_batches, undone_at; duplicate_sightings, deleted; dead_letter_events, resolved
-- Calls:  check_undo
-- Fails:  the codes of check_undo
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Then carry_events for each batch of undo_events, and close_undo, in the same transaction; undo_batch does all of it
-- where no event has to move.
create view open_undo as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_open_undo_instead_of_insert
instead of insert on open_undo
begin
  insert into check_undo (batch_id) values (new.batch_id);

  insert into undo_sessions (session_id, batch_id)
  select '', m.batch_id
  from undo_members as m
  where m.undone_batch_id = new.batch_id
  union
  select e.session_id, m.batch_id
  from
    undo_members as m
    join raw_events as e
      on e.event_id >= m.batch_id * 1048576
      and e.event_id < (m.batch_id + 1) * 1048576
  where m.undone_batch_id = new.batch_id;

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
  where c.undone_batch_id = new.batch_id;

  update ingest_batches
  set undone_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where
    undone_at is null
    and batch_id in (
      select u.batch_id from undo_sessions as u where u.session_id = ''
    );

  delete from duplicate_sightings
  where
    batch_id in (
      select u.batch_id from undo_sessions as u where u.session_id = ''
    );

  update dead_letter_events
  set
    resolved_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
    resolution = 'undone'
  where
    dead_letter_id in (
      select l.dead_letter_id
      from undo_letters as l
      where l.undone_batch_id = new.batch_id
    );

  update dead_letter_events
  set
    resolved_at = iif(purged_at is null, null, resolved_at),
    resolution = iif(purged_at is null, null, 'purged'),
    resolved_batch_id = null
  where
    resolution = 'replayed'
    and resolved_batch_id in (
      select u.batch_id from undo_sessions as u where u.session_id = ''
    );
end;
