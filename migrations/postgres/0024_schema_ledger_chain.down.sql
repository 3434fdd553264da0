-- 0024_schema_ledger_chain: undo
--
-- Why:         Takes back the up file; what was blessed counts as applied.
-- Undo:        Apply the up file again: the chain begins anew over the entries that are left.

delete from schema_ledger
where action in ('fail', 'head');

update schema_ledger
set action = 'up'
where action = 'bless';

alter table schema_ledger
drop column reason,
drop column body,
drop column entry_digest,
drop constraint ck_schema_ledger_kind_known,
drop constraint ck_schema_ledger_action_known,
add constraint ck_schema_ledger_kind_known
  check (kind in ('migration', 'procedure')),
add constraint ck_schema_ledger_action_known
  check (action in ('up', 'down', 'apply', 'drop'));

-- Who goes on counts behind the entries that are left.
select
  setval(
    pg_get_serial_sequence('schema_ledger', 'ledger_id'),
    coalesce(max(l.ledger_id), 0) + 1,
    false
  )
from schema_ledger as l;
