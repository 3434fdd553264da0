-- event_fields_after_delete: notes in the audit log that a field of an event goes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_event_fields_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'event_fields',
    old.event_type || '.' || old.field,
    'delete',
    jsonb_build_object(
      'event_type', old.event_type,
      'field', old.field,
      'json_types', old.json_types,
      'since', old.since,
      'until', old.until,
      'flag', old.flag,
      'meaning', old.meaning
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_event_fields_after_delete
after delete on event_fields
for each row
execute function tg_event_fields_after_delete();
