-- reconcile_certificates_before_delete: a certificate cannot be deleted.
--
-- Fails:  WR051 always
create trigger tr_reconcile_certificates_before_delete
before delete on reconcile_certificates
begin
  select raise(abort, 'WR051 a certificate cannot be deleted');
end;
