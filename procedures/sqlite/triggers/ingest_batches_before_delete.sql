-- ingest_batches_before_delete: a batch stays, whatever becomes of its events.
--
-- Fails:  WR012 always
create trigger tr_ingest_batches_before_delete
before delete on ingest_batches
begin
  select raise(abort, 'WR012 a batch cannot be deleted');
end;
