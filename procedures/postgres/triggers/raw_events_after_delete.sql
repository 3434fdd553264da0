-- raw_events_after_delete: notes in the audit log that an event is gone.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_raw_events_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'raw_events',
    old.event_id::text,
    'delete',
    jsonb_build_object(
      'event_id', old.event_id,
      'session_id', old.session_id,
      'occurred_at', time_text(old.occurred_at),
      'line_digest', encode(old.line_digest, 'hex')
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_raw_events_after_delete
after delete on raw_events
for each row
execute function tg_raw_events_after_delete();
