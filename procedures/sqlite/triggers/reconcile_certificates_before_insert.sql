-- reconcile_certificates_before_insert: no certificate takes the place of another.
--
-- Reads:   reconcile_certificates
-- Fails:   WR051 there is one of this run, or behind the same
-- Differs: sqlite alone, where INSERT OR REPLACE deletes without a trigger.
create trigger tr_reconcile_certificates_before_insert
before insert on reconcile_certificates
begin
  select raise(abort, 'WR051 a certificate cannot be replaced')
  where
    exists (
      select 1
      from reconcile_certificates as c
      where c.run_id = new.run_id or c.previous_root = new.previous_root
    );
end;
