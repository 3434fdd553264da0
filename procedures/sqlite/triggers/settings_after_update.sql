-- settings_after_update: notes in the audit log that a setting changes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_settings_after_update
after update on settings
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'settings',
      old.setting,
      'update',
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
      json_object(
        'setting',
        new.setting,
        'value',
        new.value,
        'unit',
        new.unit,
        'least',
        new.least,
        'greatest',
        new.greatest,
        'meaning',
        new.meaning
      )
    );
end;
