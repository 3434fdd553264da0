-- repair_session: keeps the derived rows of a session in the archive, and derives them anew from its events.
--
-- Takes:   run_id, the reconciliation that has found it; session_id
-- Gives:   nothing
-- Reads:   derived_differences; repairable_findings; session_lines; the setting cowrie.actor
-- Writes:  repairs
-- Calls:   lock_chain; archive_session; rebuild_session; note_audit
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Does nothing where nothing differs any more, and where the run has repaired the session already.
create or replace function repair_session(run_id bigint, session_id text)
returns void
language plpgsql
set jit = off
set search_path from current
as $$
#variable_conflict use_column
declare
  v_session text := repair_session.session_id;
  v_repair_id bigint;
begin
  perform lock_chain();
  if
    exists (select 1 from repairs as r where r.run_id = repair_session.run_id and r.session_id = v_session)
    or not exists (select 1 from derived_differences as d where d.session_id = v_session)
  then
    return;
  end if;

  insert into repairs as r (run_id, session_id, cause, actor)
  select
    repair_session.run_id,
    v_session,
    coalesce(string_agg(distinct f.class, ',' order by f.class), ''),
    coalesce(nullif(current_setting('cowrie.actor', true), ''), 'direct SQL')
  from repairable_findings as f
  where f.session_id = v_session
  returning r.repair_id into v_repair_id;

  perform archive_session(v_repair_id, v_session);

  perform rebuild_session(v_session);

  update repairs as r
  set
    after_line = (select l.line from session_lines as l where l.session_id = v_session),
    after_updated_at = (select s.updated_at from session_summaries as s where s.session_id = v_session),
    repaired_at = clock_timestamp()
  where r.repair_id = v_repair_id;

  perform note_audit(
    'session_summaries', v_session, 'update',
    jsonb_object_agg(v.name, v.stored), jsonb_object_agg(v.name, v.expected)
  )
  from
    (
      select 'repair_id', null::jsonb, to_jsonb(v_repair_id)
      union all
      select f.name, to_jsonb(f.stored), to_jsonb(f.expected)
      from repairable_findings as f
      where f.session_id = v_session
    ) as v (name, stored, expected);
end;
$$;
