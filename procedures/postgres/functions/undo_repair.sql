-- undo_repair: puts back the derived rows of a session as they were before a repair.
--
-- Takes:   repair_id
-- Gives:   nothing
-- Reads:   repair_states
-- Writes:  repairs: undone_at
-- Calls:   lock_chain; restore_session; note_audit
-- Fails:   WR052 there is no such repair, or it is undone; WR053 the session has changed since
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace function undo_repair(repair_id bigint)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_session text;
  v_is_changed boolean;
begin
  perform lock_chain();
  select r.session_id, r.is_changed into v_session, v_is_changed
  from repair_states as r
  where r.repair_id = undo_repair.repair_id;
  if not found then
    raise exception using errcode = 'WR052', message = 'there is no such repair, or it is undone';
  elsif v_is_changed then
    raise exception using errcode = 'WR053', message = 'the session has changed since its repair';
  end if;

  perform restore_session(undo_repair.repair_id, v_session);

  update repairs as r set undone_at = clock_timestamp() where r.repair_id = undo_repair.repair_id;

  perform note_audit(
    'session_summaries', v_session, 'update',
    jsonb_build_object('repair_id', undo_repair.repair_id), jsonb_build_object('repair_id', null)
  );
end;
$$;
