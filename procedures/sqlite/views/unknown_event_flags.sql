-- unknown_event_flags: events with a flag that is not in the fixed list.
--
-- Reads:   raw_events, event_flags
-- Differs: splits the text through a JSON array; postgres has string_to_array.
create view unknown_event_flags as
  select e.event_id, f.value as flag
  from
    raw_events as e
    join json_each('["' || replace(e.flags, ',', '","') || '"]') as f
  where e.flags != '' and f.value not in (select k.flag from event_flags as k);
