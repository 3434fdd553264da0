-- raw_events_after_update: notes in the audit log that an event moved to another batch.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_raw_events_after_update
after update on raw_events
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'raw_events',
      cast(old.event_id as text),
      'update',
      json_object('event_id', old.event_id),
      json_object('event_id', new.event_id)
    );
end;
