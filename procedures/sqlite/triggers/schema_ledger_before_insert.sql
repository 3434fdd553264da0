-- schema_ledger_before_insert: no entry of the ledger takes the place of another.
--
-- Reads:   schema_ledger
-- Fails:   WR058 there is one with this number
-- Differs: sqlite alone, where INSERT OR REPLACE deletes without a trigger.
create trigger tr_schema_ledger_before_insert
before insert on schema_ledger
begin
  select raise(abort, 'WR058 an entry of the ledger cannot be replaced')
  where
    exists (select 1 from schema_ledger as l where l.ledger_id = new.ledger_id);
end;
