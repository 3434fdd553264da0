-- batch_evidence_before_update: evidence cannot be changed.
--
-- Fails:  WR014 always
create or replace function tg_batch_evidence_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR014',
    message = 'evidence cannot be changed';
end;
$$;

create or replace trigger tr_batch_evidence_before_update
before update on batch_evidence
for each row
execute function tg_batch_evidence_before_update();
