-- raw_events_after_update: notes in the audit log that an event moved to another batch.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_raw_events_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'raw_events',
    old.event_id::text,
    'update',
    jsonb_build_object('event_id', old.event_id),
    jsonb_build_object('event_id', new.event_id)
  );
  return null;
end;
$$;

create or replace trigger tr_raw_events_after_update
after update on raw_events
for each row
execute function tg_raw_events_after_update();
