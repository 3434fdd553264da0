-- ip_type_rules_after_delete: notes in the audit log that a rule of address kinds is deleted.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_ip_type_rules_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'ip_type_rules',
    cast(old.ip_type_rule_id as text),
    'delete',
    jsonb_build_object(
      'ip_type_rule_id', old.ip_type_rule_id,
      'field', old.field,
      'pattern', old.pattern,
      'ip_type', old.ip_type,
      'priority', old.priority
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_ip_type_rules_after_delete
after delete on ip_type_rules
for each row
execute function tg_ip_type_rules_after_delete();
