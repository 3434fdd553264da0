-- audit_log_before_update: a row of the audit log cannot be changed.
--
-- Fails:  WR030 always
create trigger tr_audit_log_before_update
before update on audit_log
begin
  select raise(abort, 'WR030 a row of the audit log cannot be changed');
end;
