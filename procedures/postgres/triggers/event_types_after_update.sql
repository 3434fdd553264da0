-- event_types_after_update: notes in the audit log that an event type changes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_event_types_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'event_types',
    old.event_type,
    'update',
    jsonb_build_object(
      'event_type', old.event_type,
      'legacy_of', old.legacy_of,
      'since', old.since,
      'until', old.until,
      'meaning', old.meaning
    ),
    jsonb_build_object(
      'event_type', new.event_type,
      'legacy_of', new.legacy_of,
      'since', new.since,
      'until', new.until,
      'meaning', new.meaning
    )
  );
  return null;
end;
$$;

create or replace trigger tr_event_types_after_update
after update on event_types
for each row
execute function tg_event_types_after_update();
