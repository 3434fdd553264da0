-- event_types_after_update: notes in the audit log that an event type changes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_event_types_after_update
after update on event_types
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'event_types',
      old.event_type,
      'update',
      json_object(
        'event_type',
        old.event_type,
        'legacy_of',
        old.legacy_of,
        'since',
        old.since,
        'until',
        old.until,
        'meaning',
        old.meaning
      ),
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
