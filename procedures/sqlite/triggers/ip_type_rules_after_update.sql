-- ip_type_rules_after_update: notes in the audit log that a rule of address kinds changes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_ip_type_rules_after_update
after update on ip_type_rules
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'ip_type_rules',
      cast(old.ip_type_rule_id as text),
      'update',
      json_object(
        'ip_type_rule_id',
        old.ip_type_rule_id,
        'field',
        old.field,
        'pattern',
        old.pattern,
        'ip_type',
        old.ip_type,
        'priority',
        old.priority
      ),
      json_object(
        'ip_type_rule_id',
        new.ip_type_rule_id,
        'field',
        new.field,
        'pattern',
        new.pattern,
        'ip_type',
        new.ip_type,
        'priority',
        new.priority
      )
    );
end;
