-- event_types_after_insert: notes in the audit log that an event type comes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_event_types_after_insert
after insert on event_types
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'event_types',
      new.event_type,
      'insert',
      null,
      json_object(
        'event_type',
        new.event_type,
        'legacy_of',
        new.legacy_of,
        'since',
        new.since,
        'until',
        new.until,
        'meaning',
        new.meaning
      )
    );
end;
