-- ingest_batches_before_insert: refuses a batch that is born sealed, or that takes the place of another.
--
-- Reads:  ingest_batches; store_state
-- Fails:  WR001 born sealed; WR002 replaced; WR003 an older batch was left unsealed; WR056 the store is not open
create trigger tr_ingest_batches_before_insert
before insert on ingest_batches
begin
  select
    raise(abort, 'WR056 the store is not open, or another has taken its place')
  from store_state as s
  where s.state != 'open';

  select raise(abort, 'WR001 a batch cannot be born sealed')
  where
    new.sealed_at is not null
    or new.undone_at is not null
    or new.chain_position is not null
    or new.chain_digest is not null;

  select raise(abort, 'WR002 a batch cannot be replaced')
  where
    exists (
      select 1
      from ingest_batches as b
      where b.batch_id = new.batch_id
    );

  select raise(abort, 'WR003 an older batch was left unsealed')
  where
    exists (
      select 1
      from ingest_batches as b
      where b.sealed_at is null
    );
end;
