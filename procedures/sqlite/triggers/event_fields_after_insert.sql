-- event_fields_after_insert: notes in the audit log that a field of an event comes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_event_fields_after_insert
after insert on event_fields
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'event_fields',
      new.event_type || '.' || new.field,
      'insert',
      null,
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
