-- ingest_batches_before_update: a sealed batch does not change but to be undone; one is sealed only when its counts are true.
--
-- Reads:  undo_sessions, raw_events, ingest_batches
-- Calls:  check_batch_counts, which raises WR005 to WR008
-- Fails:  WR004 sealed already, and no undo; WR009 to WR011 the times, the chain or a flag is not true
-- Differs: the events are counted and timed in one pass, which also tells whether any flag is there to look at.
create or replace function tg_ingest_batches_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
declare
  v_events bigint;
  v_first_at timestamptz;
  v_last_at timestamptz;
  v_flagged bigint;
begin
  if
    old.sealed_at is not null
    and old.undone_at is null
    and new.undone_at is not null
    and to_jsonb(new) - 'undone_at' = to_jsonb(old) - 'undone_at'
    and exists (
      select 1
      from undo_sessions as u
      where u.session_id = '' and u.batch_id = new.batch_id
    )
  then
    return new;
  end if;

  if
    old.sealed_at is not null
    or new.undone_at is not null
    or new.batch_id <> old.batch_id
  then
    raise exception using
      errcode = 'WR004',
      message = 'a sealed batch does not change';
  end if;

  if new.sealed_at is null then
    return new;
  end if;

  select
    count(*),
    min(e.occurred_at),
    max(e.occurred_at),
    count(*) filter (where e.flags <> '')
  into v_events, v_first_at, v_last_at, v_flagged
  from raw_events as e
  where
    e.event_id >= new.batch_id * 1048576
    and e.event_id < (new.batch_id + 1) * 1048576;

  perform check_batch_counts(new, v_events);

  if
    v_first_at is distinct from new.first_event_at
    or v_last_at is distinct from new.last_event_at
  then
    raise exception using
      errcode = 'WR009',
      message = 'first_event_at or last_event_at is not the time of an outer event';
  end if;

  if
    new.chain_position is distinct from (
      select coalesce(max(b.chain_position), 0) + 1
      from ingest_batches as b
    )
  then
    raise exception using
      errcode = 'WR010',
      message = 'the chain does not follow the last sealed batch';
  end if;

  if v_flagged > 0 and exists (
    select 1
    from unknown_event_flags as u
    where
      u.event_id >= new.batch_id * 1048576
      and u.event_id < (new.batch_id + 1) * 1048576
  ) then
    raise exception using
      errcode = 'WR011',
      message = 'an event has a flag that is not in event_flags';
  end if;

  return new;
end;
$$;

create or replace trigger tr_ingest_batches_before_update
before update on ingest_batches
for each row
execute function tg_ingest_batches_before_update();
