-- duplicate_sightings_before_update: a sighting cannot be changed; only its event's number, when an undo moves the event.
--
-- Reads:  ingest_batches
-- Fails:  WR014 anything else
create or replace function tg_duplicate_sightings_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if
    (new.batch_id, new.sightings)
    is distinct from
    (old.batch_id, old.sightings)
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
      message = 'a sighting cannot be changed';
  end if;
  return new;
end;
$$;

create or replace trigger tr_duplicate_sightings_before_update
before update on duplicate_sightings
for each row
execute function tg_duplicate_sightings_before_update();
