-- raw_events_before_update: an event cannot be changed; only its number, when an undo moves it into an open carry batch.
--
-- Reads:  ingest_batches
-- Fails:  WR014 anything else
create or replace function tg_raw_events_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if
    (new.session_id, new.occurred_at, new.line_digest, new.flags, new.canonical_ip, new.canonical_type, new.payload)
    is distinct from
    (old.session_id, old.occurred_at, old.line_digest, old.flags, old.canonical_ip, old.canonical_type, old.payload)
    or not exists (
      select 1
      from
        ingest_batches as o
        join ingest_batches as n
          on n.batch_id = new.event_id >> 20
          and n.kind = 'carry'
          and n.sealed_at is null
      where o.batch_id = old.event_id >> 20 and o.undone_at is not null
    )
  then
    raise exception using
      errcode = 'WR014',
      message = 'an event cannot be changed';
  end if;
  return new;
end;
$$;

create or replace trigger tr_raw_events_before_update
before update on raw_events
for each row
execute function tg_raw_events_before_update();
