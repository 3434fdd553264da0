-- check_undo: whether a batch can be undone.
--
-- Takes:  batch_id, inserted as a row
-- Reads:  ingest_batches; undo_sessions; undo_shared_replays
-- Fails:  WR032 no such batch; WR033 undone already; WR034 a carry batch; WR036 another undo is unfinished; WR037 a shared replay
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view check_undo as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_check_undo_instead_of_insert
instead of insert on check_undo
begin
  select raise(abort, 'WR036 another undo was left unfinished')
  where exists (select 1 from undo_sessions);

  select raise(abort, 'WR032 there is no such batch')
  where
    not exists (
      select 1
      from ingest_batches as b
      where b.batch_id = new.batch_id and b.sealed_at is not null
    );

  select
    case
      when b.undone_at is not null then raise(
        abort,
        'WR033 the batch is undone already'
      )
      when b.kind = 'carry' then raise(
        abort,
        'WR034 a carry batch is undone with the batch that it was made for'
      )
    end
  from ingest_batches as b
  where b.batch_id = new.batch_id;

  select
    raise(
      abort,
      'WR037 letters of the batch were replayed together with those of others; undo the replay first'
    )
  where
    exists (
      select 1
      from undo_shared_replays as r
      where r.undone_batch_id = new.batch_id
    );
end;
