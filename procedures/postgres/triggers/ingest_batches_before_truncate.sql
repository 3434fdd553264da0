-- ingest_batches_before_truncate: a batch stays, whatever becomes of its events.
--
-- Fails:  WR012 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_ingest_batches_before_truncate()
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

create or replace trigger tr_ingest_batches_before_truncate
before truncate on ingest_batches
for each statement
execute function tg_ingest_batches_before_truncate();
