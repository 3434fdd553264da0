-- rebuild_session: derives one session anew from its events; without any event it loses its rows.
--
-- Takes:   session_id
-- Gives:   nothing
-- Reads:   raw_events
-- Writes:  session_summaries; command_stats; session_files
-- Calls:   lock_chain; rebuild_new_session or rebuild_range
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by repair_session. The UPDATE is there for generated columns that somebody has edited.
create or replace function rebuild_session(session_id text)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_session text := rebuild_session.session_id;
  v_summary_id bigint;
begin
  perform lock_chain();
  select s.summary_id into v_summary_id from session_summaries as s where s.session_id = v_session;
  if found then
    perform rebuild_range(
      null, v_summary_id - 1, v_summary_id, '-infinity', 'infinity', 'summaries command_stats', false
    );
  elsif v_session <> '' and exists (select 1 from raw_events as e where e.session_id = v_session) then
    perform rebuild_new_session(null, array[v_session]);
  end if;

  delete from command_stats as c
  where
    c.session_id = v_session
    and not exists (select 1 from session_summaries as s where s.session_id = v_session);

  delete from session_files as f
  where
    f.session_id = v_session
    and not exists (select 1 from session_summaries as s where s.session_id = v_session);

  update session_summaries as s set updated_at = clock_timestamp() where s.session_id = v_session;
end;
$$;
