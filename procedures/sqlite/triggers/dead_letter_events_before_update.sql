-- dead_letter_events_before_update: a dead letter is tried again, replayed, purged or undone, and changes in no other way.
--
-- Reads:  ingest_batches, settings
-- Fails:  WR020 the record; WR021 settled already; WR022 settled without cause; WR023 a false attempt
create trigger tr_dead_letter_events_before_update
before update on dead_letter_events
begin
  select raise(abort, 'WR020 the record of a dead letter does not change')
  where
    new.dead_letter_id is not old.dead_letter_id
    or new.batch_id is not old.batch_id
    or new.source_id is not old.source_id
    or new.source_offset is not old.source_offset
    or new.record_bytes is not old.record_bytes
    or new.record_digest is not old.record_digest
    or new.reason is not old.reason
    or new.detail is not old.detail
    or new.created_at is not old.created_at
    or (
      (old.purged_at is not null or new.purged_at is null)
      and (
        new.record is not old.record
        or new.record_tail is not old.record_tail
      )
    );

  select raise(abort, 'WR021 a settled dead letter stays as it is')
  where
    (old.purged_at is not null and new.purged_at is not old.purged_at)
    or (
      old.resolved_at is not null
      and not (
        old.resolution = 'replayed'
        and (
          new.resolved_at is null
          or (new.resolution is 'purged' and old.purged_at is not null)
          or (
            new.resolution is 'undone'
            and new.resolved_batch_id is old.resolved_batch_id
            and exists (
              select 1
              from ingest_batches as b
              where b.batch_id = old.batch_id and b.undone_at is not null
            )
          )
        )
        and exists (
          select 1
          from ingest_batches as b
          where b.batch_id = old.resolved_batch_id and b.undone_at is not null
        )
      )
      and (
        new.resolved_at is not old.resolved_at
        or new.resolution is not old.resolution
        or new.resolved_batch_id is not old.resolved_batch_id
        or new.attempts is not old.attempts
        or new.rules_version is not old.rules_version
        or new.version_attempts is not old.version_attempts
      )
    );

  select
    raise(
      abort,
      'WR022 a dead letter is replayed into an open batch of its source, purged, or undone with its batch'
    )
  where
    old.resolved_at is null
    and new.resolved_at is not null
    and not (
      (
        new.resolution is 'replayed'
        and new.purged_at is null
        and exists (
          select 1
          from ingest_batches as b
          where
            b.batch_id = new.resolved_batch_id
            and b.kind = 'replay'
            and b.source_id = new.source_id
            and b.sealed_at is null
        )
      )
      or (new.resolution is 'purged' and new.purged_at is not null)
      or (
        new.resolution is 'undone'
        and new.resolved_batch_id is null
        and exists (
          select 1
          from ingest_batches as b
          where b.batch_id = new.batch_id and b.undone_at is not null
        )
      )
    );

  select
    raise(
      abort,
      'WR023 an attempt counts one, and is one of those that the settings allow'
    )
  where
    (
      new.attempts is not old.attempts
      or new.rules_version is not old.rules_version
      or new.version_attempts is not old.version_attempts
    )
    and not (
      new.resolved_at is null
      and new.attempts = old.attempts + 1
      and new.rules_version is not null
      and new.version_attempts = case
        when new.rules_version is old.rules_version then old.version_attempts + 1
        else 1
      end
      and new.version_attempts <= (
        select s.value
        from settings as s
        where s.setting = 'replay_attempts'
      )
    );
end;
