-- event_types_after_insert: notes in the audit log that an event type comes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_event_types_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'event_types',
    new.event_type,
    'insert',
    null,
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

create or replace trigger tr_event_types_after_insert
after insert on event_types
for each row
execute function tg_event_types_after_insert();
