-- repaired_summaries_before_update: what a repair replaced cannot be changed.
--
-- Fails:  WR054 always
create or replace function tg_repaired_summaries_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR054',
    message = 'the archive of a repair cannot be changed';
end;
$$;

create or replace trigger tr_repaired_summaries_before_update
before update on repaired_summaries
for each row
execute function tg_repaired_summaries_before_update();
