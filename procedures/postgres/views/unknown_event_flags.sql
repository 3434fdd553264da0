-- unknown_event_flags: events with a flag that is not in the fixed list.
--
-- Reads:   raw_events, event_flags
-- Differs: splits the text with string_to_table; sqlite goes through a JSON array.
create or replace view unknown_event_flags as
  select e.event_id, f.flag
  from
    raw_events as e
    cross join lateral string_to_table(e.flags, ',') as f (flag)
  where e.flags != '' and f.flag not in (select k.flag from event_flags as k);
