-- audit_log_before_insert: no row of the audit log takes the place of another.
--
-- Reads:   audit_log
-- Fails:   WR031 there is one with this number
-- Differs: sqlite alone, where INSERT OR REPLACE deletes without a trigger.
create trigger tr_audit_log_before_insert
before insert on audit_log
begin
  select raise(abort, 'WR031 a row of the audit log cannot be replaced')
  where exists (select 1 from audit_log as a where a.audit_id = new.audit_id);
end;
