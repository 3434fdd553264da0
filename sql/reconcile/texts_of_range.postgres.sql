-- The parts of the buckets of a range as they are: by day and part the sessions, their events, and all that is derived of them as
-- one text.
--
-- Returns: many
-- Not null: day, part_number, sessions, events, lines
--
-- Differs: postgres reads the range at once, for what it knows of a range it knows of its bounds.

select
  l.day,
  p.part_number,
  count(*) as sessions,
  cast(sum(l.event_count) as bigint) as events,
  string_agg(l.line, '' order by l.session_id) as lines
from
  reconcile_ranges as r
  join session_lines as l
    on l.session_id >= r.from_session and l.session_id < r.before_session
  join reconcile_parts as p
    on p.range_number = r.range_number
    and l.session_id >= p.from_session
    and l.session_id < p.before_session
where r.range_number = :range_number
group by l.day, p.part_number
order by l.day, p.part_number;
