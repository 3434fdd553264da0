-- check_undo: whether a batch can be undone.
--
-- Takes:   batch_id
-- Gives:   nothing
-- Reads:   ingest_batches; undo_sessions; undo_shared_replays
-- Fails:   WR032 no such batch; WR033 undone already; WR034 a carry batch; WR036 another undo is unfinished; WR037 a shared replay
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace function check_undo(batch_id bigint)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_batch ingest_batches;
begin
  if exists (select 1 from undo_sessions) then
    raise exception using
      errcode = 'WR036',
      message = 'another undo was left unfinished';
  end if;

  select b.*
  into v_batch
  from ingest_batches as b
  where b.batch_id = check_undo.batch_id and b.sealed_at is not null;

  if v_batch.batch_id is null then
    raise exception using
      errcode = 'WR032',
      message = 'there is no such batch';
  end if;

  if v_batch.undone_at is not null then
    raise exception using
      errcode = 'WR033',
      message = 'the batch is undone already';
  end if;

  if v_batch.kind = 'carry' then
    raise exception using
      errcode = 'WR034',
      message = 'a carry batch is undone with the batch that it was made for';
  end if;

  if
    exists (
      select 1
      from undo_shared_replays as r
      where r.undone_batch_id = check_undo.batch_id
    )
  then
    raise exception using
      errcode = 'WR037',
      message = 'letters of the batch were replayed together with those of others; undo the replay first';
  end if;
end;
$$;
