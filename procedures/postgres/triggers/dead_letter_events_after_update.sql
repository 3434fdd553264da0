-- dead_letter_events_after_update: notes in the audit log that a dead letter changes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_dead_letter_events_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'dead_letter_events',
    old.dead_letter_id::text,
    'update',
    jsonb_build_object(
      'dead_letter_id', old.dead_letter_id,
      'batch_id', old.batch_id,
      'source_id', old.source_id,
      'source_offset', old.source_offset,
      'record_bytes', old.record_bytes,
      'record_digest', encode(old.record_digest, 'hex'),
      'reason', old.reason,
      'detail', old.detail,
      'attempts', old.attempts,
      'created_at', time_text(old.created_at),
      'resolved_at', time_text(old.resolved_at),
      'resolution', old.resolution,
      'resolved_batch_id', old.resolved_batch_id,
      'rules_version', old.rules_version,
      'version_attempts', old.version_attempts,
      'purged_at', time_text(old.purged_at)
    ),
    jsonb_build_object(
      'dead_letter_id', new.dead_letter_id,
      'batch_id', new.batch_id,
      'source_id', new.source_id,
      'source_offset', new.source_offset,
      'record_bytes', new.record_bytes,
      'record_digest', encode(new.record_digest, 'hex'),
      'reason', new.reason,
      'detail', new.detail,
      'attempts', new.attempts,
      'created_at', time_text(new.created_at),
      'resolved_at', time_text(new.resolved_at),
      'resolution', new.resolution,
      'resolved_batch_id', new.resolved_batch_id,
      'rules_version', new.rules_version,
      'version_attempts', new.version_attempts,
      'purged_at', time_text(new.purged_at)
    )
  );
  return null;
end;
$$;

create or replace trigger tr_dead_letter_events_after_update
after update on dead_letter_events
for each row
execute function tg_dead_letter_events_after_update();
