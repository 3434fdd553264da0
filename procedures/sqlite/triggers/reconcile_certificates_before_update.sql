-- reconcile_certificates_before_update: a certificate cannot be changed.
--
-- Fails:  WR050 always
create trigger tr_reconcile_certificates_before_update
before update on reconcile_certificates
begin
  select raise(abort, 'WR050 a certificate cannot be changed');
end;
