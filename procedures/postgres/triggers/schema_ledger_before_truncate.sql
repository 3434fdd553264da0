-- schema_ledger_before_truncate: an entry of the ledger cannot be deleted.
--
-- Fails:  WR058 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_schema_ledger_before_truncate()
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

create or replace trigger tr_schema_ledger_before_truncate
before truncate on schema_ledger
for each statement
execute function tg_schema_ledger_before_truncate();
