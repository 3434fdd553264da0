-- note_audit: writes one row of the audit log.
--
-- Takes:  table_name, row_key, action, before, after, inserted as a row; before and after are JSON objects or NULL
-- Reads:  audit_context, for who and with what
-- Writes: audit_log; of an update only the columns that changed, and nothing where none did
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function. An edit by hand has no row in audit_context.
--
-- Another table is audited by its triggers, tr_<table>_after_insert, _update and _delete, each one INSERT into this view.
create view note_audit as
  select
    cast(null as text) as table_name,
    cast(null as text) as row_key,
    cast(null as text) as action,
    cast(null as text) as before,
    cast(null as text) as after
  where false;

create trigger tr_note_audit_instead_of_insert
instead of insert on note_audit
begin
  insert into audit_log
    (actor, command, table_name, row_key, action, before, after)
  select
    coalesce((select x.actor from audit_context as x), 'direct SQL'),
    (select x.command from audit_context as x),
    new.table_name,
    new.row_key,
    new.action,
    c.before,
    c.after
  from
    (
      select new.before as before, new.after as after
      where new.action != 'update'
      union all
      select
        json_group_object(
          o.key,
          case o.type
            when 'true' then json('true')
            when 'false' then json('false')
            else o.value
          end
        ),
        json_group_object(
          o.key,
          case n.type
            when 'true' then json('true')
            when 'false' then json('false')
            else n.value
          end
        )
      from
        json_each(new.before) as o
        join json_each(new.after) as n on n.key = o.key
      where new.action = 'update' and n.value is not o.value
      having count(*) > 0
    ) as c;
end;
