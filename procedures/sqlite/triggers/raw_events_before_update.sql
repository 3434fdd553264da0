-- raw_events_before_update: an event cannot be changed.
--
-- Fails:  WR014 always
create trigger tr_raw_events_before_update
before update on raw_events
begin
  select raise(abort, 'WR014 an event cannot be changed');
end;
