-- audit_log_before_update: a row of the audit log cannot be changed.
--
-- Fails:  WR030 always
create or replace function tg_audit_log_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR030',
    message = 'a row of the audit log cannot be changed';
end;
$$;

create or replace trigger tr_audit_log_before_update
before update on audit_log
for each row
execute function tg_audit_log_before_update();
