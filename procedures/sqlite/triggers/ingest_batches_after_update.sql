-- ingest_batches_after_update: the seal. Folds a batch into every derived table when it is sealed; notes when it is undone.
--
-- Writes: session_summaries, command_stats, session_files
-- Calls:  fold_batch; note_audit
-- Fails:  never; ingest_batches_before_update has checked the batch
create trigger tr_ingest_batches_after_update
after update on ingest_batches
when
  old.sealed_at is null
  and new.sealed_at is not null
  or old.undone_at is null
  and new.undone_at is not null
begin
  insert into fold_batch (batch_id)
  select new.batch_id
  where old.sealed_at is null;

  insert into note_audit (table_name, row_key, action, before, after)
  select
    'ingest_batches',
    cast(new.batch_id as text),
    'update',
    json_object('undone_at', old.undone_at),
    json_object('undone_at', new.undone_at)
  where old.sealed_at is not null;
end;
