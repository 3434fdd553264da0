-- event_fields_after_insert: notes in the audit log that a field of an event comes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_event_fields_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'event_fields',
    new.event_type || '.' || new.field,
    'insert',
    null,
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

create or replace trigger tr_event_fields_after_insert
after insert on event_fields
for each row
execute function tg_event_fields_after_insert();
