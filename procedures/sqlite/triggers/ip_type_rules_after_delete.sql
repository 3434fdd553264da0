-- ip_type_rules_after_delete: notes in the audit log that a rule of address kinds is deleted.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_ip_type_rules_after_delete
after delete on ip_type_rules
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'ip_type_rules',
      cast(old.ip_type_rule_id as text),
      'delete',
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
      null
    );
end;
