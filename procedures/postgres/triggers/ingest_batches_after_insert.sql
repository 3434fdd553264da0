-- ingest_batches_after_insert: a batch cannot be committed unsealed.
--
-- Reads:   ingest_batches, at the commit
-- Fails:   WR016 the batch is still unsealed
-- Differs: sqlite has a deferred foreign key to the empty table unsealed_batches. A constraint trigger cannot be replaced, hence the drop.
create or replace function tg_ingest_batches_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if exists (
    select 1
    from ingest_batches as b
    where b.batch_id = new.batch_id and b.sealed_at is null
  ) then
    raise exception using
      errcode = 'WR016',
      message = 'a batch was left unsealed';
  end if;
  return null;
end;
$$;

drop trigger if exists tr_ingest_batches_after_insert on ingest_batches;

create constraint trigger tr_ingest_batches_after_insert
after insert on ingest_batches
deferrable initially deferred
for each row
execute function tg_ingest_batches_after_insert();
