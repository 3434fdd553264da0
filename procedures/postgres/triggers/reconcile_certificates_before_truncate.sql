-- reconcile_certificates_before_truncate: a certificate cannot be deleted.
--
-- Fails:  WR051 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_reconcile_certificates_before_truncate()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR051',
    message = 'a certificate cannot be deleted';
end;
$$;

create or replace trigger tr_reconcile_certificates_before_truncate
before truncate on reconcile_certificates
for each statement
execute function tg_reconcile_certificates_before_truncate();
