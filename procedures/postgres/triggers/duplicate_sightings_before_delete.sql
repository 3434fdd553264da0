-- duplicate_sightings_before_delete: a sighting cannot be deleted, but by the undo of its batch.
--
-- Reads:  ingest_batches
-- Fails:  WR015 its batch is not undone
create or replace function tg_duplicate_sightings_before_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if
    not exists (
      select 1
      from ingest_batches as b
      where b.batch_id = old.batch_id and b.undone_at is not null
    )
  then
    raise exception using
      errcode = 'WR015',
      message = 'a sighting cannot be deleted';
  end if;
  return old;
end;
$$;

create or replace trigger tr_duplicate_sightings_before_delete
before delete on duplicate_sightings
for each row
execute function tg_duplicate_sightings_before_delete();
