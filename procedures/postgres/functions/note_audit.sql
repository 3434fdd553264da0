-- note_audit: writes one row of the audit log.
--
-- Takes:   table_name, row_key, action, before, after; before and after are JSON objects or NULL
-- Gives:   nothing
-- Reads:   the settings cowrie.actor and cowrie.command of the transaction, for who and with what
-- Writes:  audit_log; of an update only the columns that changed, and nothing where none did
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger. An edit by hand has no cowrie.actor; its user is known all the same.
--
-- Runs as the owner: a repair may add what it did and change nothing; database_user is who logged in, whoever calls.
-- Another table is audited by its triggers, tr_<table>_after_insert, _update and _delete, each one call of this.
create or replace function note_audit(
  table_name text,
  row_key text,
  action text,
  before jsonb,
  after jsonb
)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  insert into audit_log (actor, database_user, command, table_name, row_key, action, before, after)
  select
    coalesce(nullif(current_setting('cowrie.actor', true), ''), 'direct SQL'),
    session_user,
    nullif(current_setting('cowrie.command', true), ''),
    note_audit.table_name,
    note_audit.row_key,
    note_audit.action,
    c.before,
    c.after
  from
    (
      select note_audit.before, note_audit.after
      where note_audit.action <> 'update'
      union all
      select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value)
      from
        jsonb_each(note_audit.before) as o
        join jsonb_each(note_audit.after) as n on n.key = o.key
      where note_audit.action = 'update' and n.value is distinct from o.value
      having count(*) > 0
    ) as c (before, after);
end;
$$;
