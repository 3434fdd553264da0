-- settings_after_delete: notes in the audit log that a setting goes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_settings_after_delete
after delete on settings
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'settings',
      old.setting,
      'delete',
      json_object(
        'setting',
        old.setting,
        'value',
        old.value,
        'unit',
        old.unit,
        'least',
        old.least,
        'greatest',
        old.greatest,
        'meaning',
        old.meaning
      ),
      null
    );
end;
