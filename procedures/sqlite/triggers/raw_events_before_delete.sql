-- raw_events_before_delete: an event cannot be deleted.
--
-- Fails:  WR015 always
create trigger tr_raw_events_before_delete
before delete on raw_events
begin
  select raise(abort, 'WR015 an event cannot be deleted');
end;
