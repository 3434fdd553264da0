-- schema_ledger_before_delete: an entry of the ledger cannot be deleted.
--
-- Fails:  WR058 always
create or replace function tg_schema_ledger_before_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR058',
    message = 'an entry of the ledger cannot be deleted';
end;
$$;

create or replace trigger tr_schema_ledger_before_delete
before delete on schema_ledger
for each row
execute function tg_schema_ledger_before_delete();
