-- batch_evidence_after_insert: nothing enters a batch that is sealed, or that does not exist.
--
-- Reads:  ingest_batches
-- Fails:  WR013 the batch is not open
-- Differs: one statement trigger with a transition table; sqlite has a row trigger, for it has no other.
create or replace function tg_batch_evidence_after_insert()
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
  return null;
end;
$$;

create or replace trigger tr_batch_evidence_after_insert
after insert on batch_evidence
referencing new table as added
for each statement
execute function tg_batch_evidence_after_insert();
