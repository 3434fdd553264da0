-- event_fields_after_update: notes in the audit log that a field of an event changes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_event_fields_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'event_fields',
    old.event_type || '.' || old.field,
    'update',
    jsonb_build_object(
      'event_type', old.event_type,
      'field', old.field,
      'json_types', old.json_types,
      'since', old.since,
      'until', old.until,
      'flag', old.flag,
      'meaning', old.meaning
    ),
    jsonb_build_object(
      'event_type', new.event_type,
      'field', new.field,
      'json_types', new.json_types,
      'since', new.since,
      'until', new.until,
      'flag', new.flag,
      'meaning', new.meaning
    )
  );
  return null;
end;
$$;

create or replace trigger tr_event_fields_after_update
after update on event_fields
for each row
execute function tg_event_fields_after_update();
