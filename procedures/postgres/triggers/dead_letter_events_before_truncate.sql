-- dead_letter_events_before_truncate: a refused record is kept.
--
-- Fails:  WR015 always
-- Differs: sqlite has no TRUNCATE.
create or replace function tg_dead_letter_events_before_truncate()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  raise exception using
    errcode = 'WR015',
    message = 'a dead letter cannot be deleted';
end;
$$;

create or replace trigger tr_dead_letter_events_before_truncate
before truncate on dead_letter_events
for each statement
execute function tg_dead_letter_events_before_truncate();
