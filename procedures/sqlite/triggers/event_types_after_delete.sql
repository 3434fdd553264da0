-- event_types_after_delete: notes in the audit log that an event type goes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_event_types_after_delete
after delete on event_types
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'event_types',
      old.event_type,
      'delete',
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
      null
    );
end;
