-- dead_letter_events_after_insert: a letter enters only a batch that is open, and is open itself.
--
-- Reads:  ingest_batches
-- Fails:  WR013 the batch is not open; WR024 born tried or settled
create trigger tr_dead_letter_events_after_insert
after insert on dead_letter_events
when
  new.attempts != 0
  or new.resolved_at is not null
  or new.purged_at is not null
  or not exists (
    select 1
    from ingest_batches as b
    where b.batch_id = new.batch_id and b.sealed_at is null
  )
begin
  select
    case
      when new.attempts != 0
      or new.resolved_at is not null
      or new.purged_at is not null then raise(
        abort,
        'WR024 a dead letter is born open and untried'
      )
      else raise(abort, 'WR013 a row can enter only an open batch')
    end;
end;
