-- reconcile_certificates_before_update: a certificate cannot be changed.
--
-- Fails:  WR050 always
create or replace function tg_reconcile_certificates_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR050',
    message = 'a certificate cannot be changed';
end;
$$;

create or replace trigger tr_reconcile_certificates_before_update
before update on reconcile_certificates
for each row
execute function tg_reconcile_certificates_before_update();
