-- The parts of the buckets of a range as they are: by day and part the sessions, their events, and all that is derived of them as
-- one text.
--
-- Returns: many
-- Not null: day, part_number, sessions, events, lines
--
-- Differs: SQLite reads one part after the other.

select
  l.day,
  p.part_number,
  count(*) as sessions,
  cast(sum(l.event_count) as bigint) as events,
  string_agg(l.line, '' order by l.session_id) as lines
from
  reconcile_parts as p
  cross join session_lines as l
    on l.session_id >= p.from_session and l.session_id < p.before_session
where p.range_number = :range_number
group by l.day, p.part_number
order by l.day, p.part_number;
