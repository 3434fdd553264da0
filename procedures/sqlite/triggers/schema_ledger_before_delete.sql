-- schema_ledger_before_delete: an entry of the ledger cannot be deleted.
--
-- Fails:  WR058 always
create trigger tr_schema_ledger_before_delete
before delete on schema_ledger
begin
  select raise(abort, 'WR058 an entry of the ledger cannot be deleted');
end;
