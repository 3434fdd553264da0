-- dead_letter_events_after_update: notes in the audit log that a dead letter changes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_dead_letter_events_after_update
after update on dead_letter_events
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'dead_letter_events',
      cast(old.dead_letter_id as text),
      'update',
      json_object(
        'dead_letter_id',
        old.dead_letter_id,
        'batch_id',
        old.batch_id,
        'source_id',
        old.source_id,
        'source_offset',
        old.source_offset,
        'record_bytes',
        old.record_bytes,
        'record_digest',
        lower(hex(old.record_digest)),
        'reason',
        old.reason,
        'detail',
        old.detail,
        'attempts',
        old.attempts,
        'created_at',
        old.created_at,
        'resolved_at',
        old.resolved_at,
        'resolution',
        old.resolution
      ),
      json_object(
        'dead_letter_id',
        new.dead_letter_id,
        'batch_id',
        new.batch_id,
        'source_id',
        new.source_id,
        'source_offset',
        new.source_offset,
        'record_bytes',
        new.record_bytes,
        'record_digest',
        lower(hex(new.record_digest)),
        'reason',
        new.reason,
        'detail',
        new.detail,
        'attempts',
        new.attempts,
        'created_at',
        new.created_at,
        'resolved_at',
        new.resolved_at,
        'resolution',
        new.resolution
      )
    );
end;
