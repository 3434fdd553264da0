-- batch_evidence_after_insert: nothing enters a batch that is sealed, or that does not exist.
--
-- Reads:  ingest_batches
-- Fails:  WR013 the batch is not open
create trigger tr_batch_evidence_after_insert
after insert on batch_evidence
when
  not exists (
    select 1
    from ingest_batches as b
    where b.batch_id = new.batch_id and b.sealed_at is null
  )
begin
  select raise(abort, 'WR013 a row can enter only an open batch');
end;
