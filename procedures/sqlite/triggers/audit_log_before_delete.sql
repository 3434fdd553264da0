-- audit_log_before_delete: a row of the audit log cannot be deleted.
--
-- Fails:  WR031 always
create trigger tr_audit_log_before_delete
before delete on audit_log
begin
  select raise(abort, 'WR031 a row of the audit log cannot be deleted');
end;
