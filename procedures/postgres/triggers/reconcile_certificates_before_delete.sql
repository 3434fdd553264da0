-- reconcile_certificates_before_delete: a certificate cannot be deleted.
--
-- Fails:  WR051 always
create or replace function tg_reconcile_certificates_before_delete()
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

create or replace trigger tr_reconcile_certificates_before_delete
before delete on reconcile_certificates
for each row
execute function tg_reconcile_certificates_before_delete();
