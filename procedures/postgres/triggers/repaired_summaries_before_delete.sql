-- repaired_summaries_before_delete: what a repair replaced cannot be deleted.
--
-- Fails:  WR055 always
create or replace function tg_repaired_summaries_before_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR055',
    message = 'the archive of a repair cannot be deleted';
end;
$$;

create or replace trigger tr_repaired_summaries_before_delete
before delete on repaired_summaries
for each row
execute function tg_repaired_summaries_before_delete();
