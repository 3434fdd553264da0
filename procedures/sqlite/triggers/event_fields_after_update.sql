-- event_fields_after_update: notes in the audit log that a field of an event changes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_event_fields_after_update
after update on event_fields
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'event_fields',
      old.event_type || '.' || old.field,
      'update',
      json_object(
        'event_type',
        old.event_type,
        'field',
        old.field,
        'json_types',
        old.json_types,
        'since',
        old.since,
        'until',
        old.until,
        'flag',
        old.flag,
        'meaning',
        old.meaning
      ),
      json_object(
        'event_type',
        new.event_type,
        'field',
        new.field,
        'json_types',
        new.json_types,
        'since',
        new.since,
        'until',
        new.until,
        'flag',
        new.flag,
        'meaning',
        new.meaning
      )
    );
end;
