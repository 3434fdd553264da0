-- ingest_batches_after_update: the seal. Folds a batch into every derived table when it is sealed; notes when it is undone.
--
-- Writes: session_summaries, command_stats, session_files
-- Calls:  fold_batch; note_audit
-- Fails:  never; ingest_batches_before_update has checked the batch
create or replace function tg_ingest_batches_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if old.sealed_at is null then
    perform fold_batch(new.batch_id);
  else
    perform note_audit(
      'ingest_batches',
      new.batch_id::text,
      'update',
      jsonb_build_object('undone_at', time_text(old.undone_at)),
      jsonb_build_object('undone_at', time_text(new.undone_at))
    );
  end if;
  return null;
end;
$$;

create or replace trigger tr_ingest_batches_after_update
after update on ingest_batches
for each row
when
  (
    old.sealed_at is null
    and new.sealed_at is not null
    or old.undone_at is null
    and new.undone_at is not null
  )
execute function tg_ingest_batches_after_update();
