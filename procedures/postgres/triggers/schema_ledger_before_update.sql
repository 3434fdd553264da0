-- schema_ledger_before_update: an entry of the ledger cannot be changed; entry 0, its head, follows the last one.
--
-- Reads:  schema_ledger
-- Fails:  WR057 always, but where the head becomes what the last entry says
create or replace function tg_schema_ledger_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if old.ledger_id = 0
    and (new.ledger_id, new.kind, new.name, new.action) = (0, 'head', '', 'head')
    and (new.actor, new.tool_version, new.duration_ms) = ('', '', 0)
    and coalesce(new.down_digest, new.reason, new.body, new.entry_digest) is null
    and (new.digest, new.applied_at) = (
      select l.entry_digest, l.applied_at
      from schema_ledger as l
      where l.entry_digest is not null
      order by l.ledger_id desc
      limit 1
    )
  then
    return new;
  end if;
  raise exception using
    errcode = 'WR057',
    message = 'an entry of the ledger cannot be changed';
end;
$$;

create or replace trigger tr_schema_ledger_before_update
before update on schema_ledger
for each row
execute function tg_schema_ledger_before_update();
