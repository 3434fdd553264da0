-- dead_letter_events_before_insert: no dead letter takes the place of another.
--
-- Reads:   dead_letter_events
-- Fails:   WR015 there is one with this number
-- Differs: sqlite alone, where INSERT OR REPLACE deletes without a trigger.
create trigger tr_dead_letter_events_before_insert
before insert on dead_letter_events
begin
  select raise(abort, 'WR015 a dead letter cannot be replaced')
  where
    exists (
      select 1
      from dead_letter_events as d
      where d.dead_letter_id = new.dead_letter_id
    );
end;
