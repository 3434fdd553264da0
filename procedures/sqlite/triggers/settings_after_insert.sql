-- settings_after_insert: notes in the audit log that a setting comes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_settings_after_insert
after insert on settings
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'settings',
      new.setting,
      'insert',
      null,
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
