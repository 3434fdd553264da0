-- dead_letter_events_before_delete: a refused record is kept.
--
-- Fails:  WR015 always
create trigger tr_dead_letter_events_before_delete
before delete on dead_letter_events
begin
  select raise(abort, 'WR015 a dead letter cannot be deleted');
end;
