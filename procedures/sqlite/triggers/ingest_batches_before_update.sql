-- ingest_batches_before_update: a sealed batch does not change but to be undone; one is sealed only when its counts are true.
--
-- Reads:  undo_sessions, ingest_batches
-- Calls:  check_batch_counts, which raises WR005 to WR009 and WR011
-- Fails:  WR004 sealed already, and no undo; WR010 the chain does not follow
create trigger tr_ingest_batches_before_update
before update on ingest_batches
begin
  select raise(abort, 'WR004 a sealed batch does not change')
  where
    new.batch_id != old.batch_id
    or (old.sealed_at is null and new.undone_at is not null)
    or old.sealed_at is not null
    and not exists (
      select 1
      from undo_sessions as u
      where
        u.session_id = ''
        and u.batch_id = new.batch_id
        and old.undone_at is null
        and new.undone_at is not null
        and (
          new.source_id,
          new.run_id,
          new.kind,
          new.carried_for_batch_id,
          new.first_offset,
          new.end_offset,
          new.records_read,
          new.events_accepted,
          new.events_duplicate,
          new.records_rejected,
          new.records_skipped,
          new.skip_counts,
          new.first_event_at,
          new.last_event_at,
          new.batch_digest,
          new.chain_position,
          new.chain_digest,
          new.record_digest,
          new.record_parts,
          new.opened_at,
          new.sealed_at,
          new.actor
        ) is (
          old.source_id,
          old.run_id,
          old.kind,
          old.carried_for_batch_id,
          old.first_offset,
          old.end_offset,
          old.records_read,
          old.events_accepted,
          old.events_duplicate,
          old.records_rejected,
          old.records_skipped,
          old.skip_counts,
          old.first_event_at,
          old.last_event_at,
          old.batch_digest,
          old.chain_position,
          old.chain_digest,
          old.record_digest,
          old.record_parts,
          old.opened_at,
          old.sealed_at,
          old.actor
        )
    );

  select raise(abort, 'WR010 the chain does not follow the last sealed batch')
  where
    new.sealed_at is null
    and (new.chain_position is not null or new.chain_digest is not null)
    or exists (
      select 1
      from ingest_batches as b
      where b.chain_digest = new.chain_digest and b.batch_id != new.batch_id
    );

  insert into check_batch_counts
    (
      batch_id,
      events_accepted,
      events_duplicate,
      records_rejected,
      records_skipped,
      skip_counts,
      first_event_at,
      last_event_at
    )
  select
    new.batch_id,
    new.events_accepted,
    new.events_duplicate,
    new.records_rejected,
    new.records_skipped,
    new.skip_counts,
    new.first_event_at,
    new.last_event_at
  where old.sealed_at is null and new.sealed_at is not null;

  select
    raise(abort, 'WR010 the chain does not follow the last sealed batch')
  where
    (old.sealed_at is null and new.sealed_at is not null)
    and new.chain_position is not (
      select coalesce(max(b.chain_position), 0) + 1
      from ingest_batches as b
    );
end;
