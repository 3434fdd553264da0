-- undo_repair: puts back the derived rows of a session as they were before a repair.
--
-- Takes:  repair_id
-- Reads:  repair_states
-- Writes: repairs: undone_at
-- Calls:  restore_session; note_audit
-- Fails:  WR052 there is no such repair, or it is undone; WR053 the session has changed since
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view undo_repair as
  select cast(null as integer) as repair_id
  where false;

create trigger tr_undo_repair_instead_of_insert
instead of insert on undo_repair
begin
  select raise(abort, 'WR052 there is no such repair, or it is undone')
  where
    not exists (
      select 1 from repair_states as r where r.repair_id = new.repair_id
    );

  select raise(abort, 'WR053 the session has changed since its repair')
  from repair_states as r
  where r.repair_id = new.repair_id and r.is_changed;

  insert into restore_session (repair_id, session_id)
  select r.repair_id, r.session_id
  from repairs as r
  where r.repair_id = new.repair_id;

  update repairs
  set undone_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where repair_id = new.repair_id;

  insert into note_audit (table_name, row_key, action, before, after)
  select
    'session_summaries',
    r.session_id,
    'update',
    json_object('repair_id', r.repair_id),
    json_object('repair_id', null)
  from repairs as r
  where r.repair_id = new.repair_id;
end;
