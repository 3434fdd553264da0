-- repairs_before_update: of a repair that is done only undone_at can be set, once.
--
-- Fails:  WR054 otherwise
create or replace function tg_repairs_before_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if 
    (new.repair_id, new.run_id, new.session_id, new.cause, new.actor) is not distinct from (old.repair_id, old.run_id, old.session_id, old.cause, old.actor)
    and (
      (old.repaired_at is null and new.undone_at is null)
      or (
        (new.after_line, new.after_updated_at, new.repaired_at) is not distinct from (old.after_line, old.after_updated_at, old.repaired_at)
        and old.repaired_at is not null
        and old.undone_at is null
        and new.undone_at is not null
      )
    )
  then
    return new;
  end if;
  raise exception using
    errcode = 'WR054',
    message = 'a repair cannot be changed';
end;
$$;

create or replace trigger tr_repairs_before_update
before update on repairs
for each row
execute function tg_repairs_before_update();
