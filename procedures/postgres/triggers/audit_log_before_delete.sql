-- audit_log_before_delete: a row of the audit log cannot be deleted.
--
-- Fails:  WR031 always
create or replace function tg_audit_log_before_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR031',
    message = 'a row of the audit log cannot be deleted';
end;
$$;

create or replace trigger tr_audit_log_before_delete
before delete on audit_log
for each row
execute function tg_audit_log_before_delete();
