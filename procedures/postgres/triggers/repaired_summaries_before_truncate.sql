-- repaired_summaries_before_truncate: what a repair replaced cannot be deleted.
--
-- Fails:  WR055 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_repaired_summaries_before_truncate()
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

create or replace trigger tr_repaired_summaries_before_truncate
before truncate on repaired_summaries
for each statement
execute function tg_repaired_summaries_before_truncate();
