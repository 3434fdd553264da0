-- raw_events_after_delete: notes in the audit log that an event is gone.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_raw_events_after_delete
after delete on raw_events
begin
  insert into note_audit (table_name, row_key, action, before)
  values
    (
      'raw_events',
      cast(old.event_id as text),
      'delete',
      json_object(
        'event_id',
        old.event_id,
        'session_id',
        old.session_id,
        'occurred_at',
        old.occurred_at,
        'line_digest',
        lower(hex(old.line_digest))
      )
    );
end;
