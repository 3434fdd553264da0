-- batch_evidence_before_delete: evidence cannot be deleted.
--
-- Fails:  WR015 always
create or replace function tg_batch_evidence_before_delete()
returns trigger
language plpgsql
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'evidence cannot be deleted';
end;
$$;

create or replace trigger tr_batch_evidence_before_delete
before delete on batch_evidence
for each row
execute function tg_batch_evidence_before_delete();
