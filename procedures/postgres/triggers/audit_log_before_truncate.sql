-- audit_log_before_truncate: a row of the audit log cannot be deleted.
--
-- Fails:  WR031 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_audit_log_before_truncate()
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

create or replace trigger tr_audit_log_before_truncate
before truncate on audit_log
for each statement
execute function tg_audit_log_before_truncate();
