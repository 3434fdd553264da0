-- ip_type_rules_after_insert: notes in the audit log that a rule of address kinds is added.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_ip_type_rules_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'ip_type_rules',
    cast(new.ip_type_rule_id as text),
    'insert',
    null,
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

create or replace trigger tr_ip_type_rules_after_insert
after insert on ip_type_rules
for each row
execute function tg_ip_type_rules_after_insert();
