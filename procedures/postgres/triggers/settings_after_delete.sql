-- settings_after_delete: notes in the audit log that a setting goes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_settings_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'settings',
    old.setting,
    'delete',
    jsonb_build_object(
      'setting', old.setting,
      'value', old.value,
      'unit', old.unit,
      'least', old.least,
      'greatest', old.greatest,
      'meaning', old.meaning
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_settings_after_delete
after delete on settings
for each row
execute function tg_settings_after_delete();
