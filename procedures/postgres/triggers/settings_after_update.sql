-- settings_after_update: notes in the audit log that a setting changes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_settings_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'settings',
    old.setting,
    'update',
    jsonb_build_object(
      'setting', old.setting,
      'value', old.value,
      'unit', old.unit,
      'least', old.least,
      'greatest', old.greatest,
      'meaning', old.meaning
    ),
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

create or replace trigger tr_settings_after_update
after update on settings
for each row
execute function tg_settings_after_update();
