-- ip_type_rules_after_insert: notes in the audit log that a rule of address kinds is added.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_ip_type_rules_after_insert
after insert on ip_type_rules
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'ip_type_rules',
      cast(new.ip_type_rule_id as text),
      'insert',
      null,
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
