-- repair_session: keeps the derived rows of a session in the archive, and derives them anew from its events.
--
-- Takes:  run_id, the reconciliation that has found it; session_id
-- Reads:  derived_differences; repairable_findings; session_lines; audit_context
-- Writes: repairs
-- Calls:  archive_session; rebuild_session; note_audit
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Does nothing where nothing differs any more, and where the run has repaired the session already.
create view repair_session as
  select
    cast(null as integer) as run_id,
    cast(null as text) as session_id
  where false;

create trigger tr_repair_session_instead_of_insert
instead of insert on repair_session
begin
  select raise(ignore)
  where
    exists (
      select 1
      from repairs as r
      where r.run_id = new.run_id and r.session_id = new.session_id
    )
    or not exists (
      select 1 from derived_differences as d where d.session_id = new.session_id
    );

  insert into repairs (run_id, session_id, cause, actor)
  select
    new.run_id,
    new.session_id,
    coalesce(
      (
        select group_concat(distinct f.class order by f.class)
        from repairable_findings as f
        where f.session_id = new.session_id
      ),
      ''
    ),
    coalesce((select x.actor from audit_context as x), 'direct SQL');

  insert into archive_session (repair_id, session_id)
  select r.repair_id, r.session_id
  from repairs as r
  where r.run_id = new.run_id and r.session_id = new.session_id;

  insert into rebuild_session (session_id) values (new.session_id);

  update repairs
  set
    after_line = (
      select l.line from session_lines as l where l.session_id = new.session_id
    ),
    after_updated_at = (
      select s.updated_at
      from session_summaries as s
      where s.session_id = new.session_id
    ),
    repaired_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where run_id = new.run_id and session_id = new.session_id;

  insert into note_audit (table_name, row_key, action, before, after)
  select
    'session_summaries',
    new.session_id,
    'update',
    json_group_object(v.name, v.stored),
    json_group_object(v.name, v.expected)
  from
    (
      select 'repair_id' as name, null as stored, r.repair_id as expected
      from repairs as r
      where r.run_id = new.run_id and r.session_id = new.session_id
      union all
      select f.name, f.stored, f.expected
      from repairable_findings as f
      where f.session_id = new.session_id
    ) as v;
end;
