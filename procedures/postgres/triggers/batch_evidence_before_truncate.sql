-- batch_evidence_before_truncate: evidence cannot be deleted.
--
-- Fails:  WR015 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_batch_evidence_before_truncate()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'evidence cannot be deleted';
end;
$$;

create or replace trigger tr_batch_evidence_before_truncate
before truncate on batch_evidence
for each statement
execute function tg_batch_evidence_before_truncate();
