-- ingest_batches_after_update: the seal. Folds a batch into every derived table when it is sealed.
--
-- Writes: session_summaries, command_stats, session_files
-- Calls:  fold_batch
-- Fails:  never; ingest_batches_before_update has checked the batch
create trigger tr_ingest_batches_after_update
after update on ingest_batches
when old.sealed_at is null and new.sealed_at is not null
begin
  insert into fold_batch (batch_id) values (new.batch_id);
end;
