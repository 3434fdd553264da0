-- dead_letter_events_before_update: a dead letter is tried again, replayed, purged or undone, and changes in no other way.
--
-- Reads:  ingest_batches, settings
-- Fails:  WR020 the record; WR021 settled already; WR022 settled without cause; WR023 a false attempt
create or replace function tg_dead_letter_events_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
declare
  v_is_tried boolean := (new.attempts, new.rules_version, new.version_attempts)
    is distinct from (old.attempts, old.rules_version, old.version_attempts);
begin
  if
    (new.dead_letter_id, new.batch_id, new.source_id, new.source_offset, new.record_bytes)
    is distinct from
    (old.dead_letter_id, old.batch_id, old.source_id, old.source_offset, old.record_bytes)
    or (new.record_digest, new.reason, new.detail, new.created_at)
    is distinct from (old.record_digest, old.reason, old.detail, old.created_at)
    or (
      (old.purged_at is not null or new.purged_at is null)
      and (new.record, new.record_tail) is distinct from (old.record, old.record_tail)
    )
  then
    raise exception using
      errcode = 'WR020',
      message = 'the record of a dead letter does not change';
  end if;

  if
    (old.purged_at is not null and new.purged_at is distinct from old.purged_at)
    or (
      old.resolved_at is not null
      and not (
        old.resolution = 'replayed'
        and (
          new.resolved_at is null
          or (new.resolution = 'purged' and old.purged_at is not null)
          or (
            new.resolution = 'undone'
            and new.resolved_batch_id = old.resolved_batch_id
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
        v_is_tried
        or (new.resolved_at, new.resolution, new.resolved_batch_id)
        is distinct from (old.resolved_at, old.resolution, old.resolved_batch_id)
      )
    )
  then
    raise exception using
      errcode = 'WR021',
      message = 'a settled dead letter stays as it is';
  end if;

  if
    old.resolved_at is null
    and new.resolved_at is not null
    and not (
      (
        new.resolution is not distinct from 'replayed'
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
      or (new.resolution is not distinct from 'purged' and new.purged_at is not null)
      or (
        new.resolution is not distinct from 'undone'
        and new.resolved_batch_id is null
        and exists (
          select 1
          from ingest_batches as b
          where b.batch_id = new.batch_id and b.undone_at is not null
        )
      )
    )
  then
    raise exception using
      errcode = 'WR022',
      message = 'a dead letter is replayed into an open batch of its source, purged, or undone with its batch';
  end if;

  if
    v_is_tried
    and not (
      new.resolved_at is null
      and new.attempts = old.attempts + 1
      and new.rules_version is not null
      and new.version_attempts = case
        when new.rules_version is not distinct from old.rules_version then old.version_attempts + 1
        else 1
      end
      and new.version_attempts <= (select s.value from settings as s where s.setting = 'replay_attempts')
    )
  then
    raise exception using
      errcode = 'WR023',
      message = 'an attempt counts one, and is one of those that the settings allow';
  end if;

  return new;
end;
$$;

create or replace trigger tr_dead_letter_events_before_update
before update on dead_letter_events
for each row
execute function tg_dead_letter_events_before_update();
