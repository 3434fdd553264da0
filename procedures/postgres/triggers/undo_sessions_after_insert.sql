-- undo_sessions_after_insert: an undo cannot be committed unfinished.
--
-- Reads:   undo_sessions, at the commit
-- Fails:   WR036 the undo is still open
-- Differs: sqlite has a deferred foreign key to the empty table unsealed_batches. A constraint trigger cannot be replaced, hence the drop.
create or replace function tg_undo_sessions_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if exists (select 1 from undo_sessions) then
    raise exception using
      errcode = 'WR036',
      message = 'an undo was left unfinished';
  end if;
  return null;
end;
$$;

drop trigger if exists tr_undo_sessions_after_insert on undo_sessions;

create constraint trigger tr_undo_sessions_after_insert
after insert on undo_sessions
deferrable initially deferred
for each row
when (new.session_id = '')
execute function tg_undo_sessions_after_insert();
