-- event_types_after_delete: notes in the audit log that an event type goes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_event_types_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'event_types',
    old.event_type,
    'delete',
    jsonb_build_object(
      'event_type', old.event_type,
      'legacy_of', old.legacy_of,
      'since', old.since,
      'until', old.until,
      'meaning', old.meaning
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_event_types_after_delete
after delete on event_types
for each row
execute function tg_event_types_after_delete();
