-- rebuild_session: derives one session anew from its events; without any event it loses its rows.
--
-- Takes:  session_id
-- Reads:  raw_events
-- Writes: session_summaries; command_stats; session_files
-- Calls:  rebuild_new_session or rebuild_range
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by repair_session. The UPDATE is there for generated columns that somebody has edited.
create view rebuild_session as
  select cast(null as text) as session_id
  where false;

create trigger tr_rebuild_session_instead_of_insert
instead of insert on rebuild_session
begin
  insert into rebuild_range
    (job_id, after_id, up_to_id, from_at, to_at, parts, is_new)
  select
    null,
    s.rowid - 1,
    s.rowid,
    '',
    char(1114111),
    'summaries command_stats',
    0
  from session_summaries as s
  where s.session_id = new.session_id;

  insert into rebuild_new_session (job_id, session_id)
  select null, new.session_id
  where
    new.session_id != ''
    and exists (
      select 1 from raw_events as e where e.session_id = new.session_id
    )
    and not exists (
      select 1 from session_summaries as s where s.session_id = new.session_id
    );

  delete from command_stats
  where
    session_id = new.session_id
    and not exists (
      select 1 from session_summaries as s where s.session_id = new.session_id
    );

  delete from session_files
  where
    session_id = new.session_id
    and not exists (
      select 1 from session_summaries as s where s.session_id = new.session_id
    );

  update session_summaries
  set updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where session_id = new.session_id;
end;
