-- ingest_batches_before_delete: a batch stays, whatever becomes of its events.
--
-- Fails:  WR012 always
create or replace function tg_ingest_batches_before_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR012',
    message = 'a batch cannot be deleted';
end;
$$;

create or replace trigger tr_ingest_batches_before_delete
before delete on ingest_batches
for each row
execute function tg_ingest_batches_before_delete();
