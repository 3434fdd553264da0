-- event_fields_after_delete: notes in the audit log that a field of an event goes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_event_fields_after_delete
after delete on event_fields
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'event_fields',
      old.event_type || '.' || old.field,
      'delete',
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
      null
    );
end;
