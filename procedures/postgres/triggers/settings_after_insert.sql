-- settings_after_insert: notes in the audit log that a setting comes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_settings_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'settings',
    new.setting,
    'insert',
    null,
    jsonb_build_object(
      'setting', new.setting,
      'value', new.value,
      'unit', new.unit,
      'least', new.least,
      'greatest', new.greatest,
      'meaning', new.meaning
    )
  );
  return null;
end;
$$;

create or replace trigger tr_settings_after_insert
after insert on settings
for each row
execute function tg_settings_after_insert();
