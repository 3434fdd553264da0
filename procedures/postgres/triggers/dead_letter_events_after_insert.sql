-- dead_letter_events_after_insert: a letter enters only a batch that is open, and is open itself.
--
-- Reads:  ingest_batches
-- Fails:  WR013 the batch is not open; WR024 born tried or settled
-- Differs: one statement trigger with a transition table; sqlite has a row trigger, for it has no other.
create or replace function tg_dead_letter_events_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if exists (
    select 1
    from (select distinct a.batch_id as batch_id from added as a) as n
    where
      not exists (
        select 1
        from ingest_batches as b
        where b.batch_id = n.batch_id and b.sealed_at is null
      )
  ) then
    raise exception using
      errcode = 'WR013',
      message = 'a row can enter only an open batch';
  end if;

  if exists (
    select 1
    from added as a
    where a.attempts <> 0 or a.resolved_at is not null or a.purged_at is not null
  ) then
    raise exception using
      errcode = 'WR024',
      message = 'a dead letter is born open and untried';
  end if;

  return null;
end;
$$;

create or replace trigger tr_dead_letter_events_after_insert
after insert on dead_letter_events
referencing new table as added
for each statement
execute function tg_dead_letter_events_after_insert();
