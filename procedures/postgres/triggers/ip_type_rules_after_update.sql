-- ip_type_rules_after_update: notes in the audit log that a rule of address kinds changes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_ip_type_rules_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'ip_type_rules',
    cast(old.ip_type_rule_id as text),
    'update',
    jsonb_build_object(
      'ip_type_rule_id', old.ip_type_rule_id,
      'field', old.field,
      'pattern', old.pattern,
      'ip_type', old.ip_type,
      'priority', old.priority
    ),
    jsonb_build_object(
      'ip_type_rule_id', new.ip_type_rule_id,
      'field', new.field,
      'pattern', new.pattern,
      'ip_type', new.ip_type,
      'priority', new.priority
    )
  );
  return null;
end;
$$;

create or replace trigger tr_ip_type_rules_after_update
after update on ip_type_rules
for each row
execute function tg_ip_type_rules_after_update();
