-- The parts of the buckets of a range as they are: by day and part the sessions, their events, and all that is derived of them as
-- one text.
--
-- Returns: many
-- Not null: day, part_number, sessions, events, lines
--
-- Differs: postgres reads the range at once, for what it knows of a range it knows of its bounds, and finds the part of a
-- session among them by halves; a join with 64 parts takes as long as the texts.

with
  parts as materialized (
    select array_agg(p.from_session order by p.part_number) as bounds
    from reconcile_parts as p
    where p.range_number = :range_number
  )
select
  t.day,
  t.part_number,
  count(*) as sessions,
  cast(sum(t.event_count) as bigint) as events,
  string_agg(t.line, '' order by t.session_id) as lines
from
  (
    select
      l.day,
      width_bucket(
        l.session_id,
        (select p.bounds from parts as p)
      ) - 1 as part_number,
      l.session_id,
      l.event_count,
      l.line
    from
      reconcile_ranges as r
      join session_lines as l
        on l.session_id >= r.from_session and l.session_id < r.before_session
    where r.range_number = :range_number
  ) as t
group by t.day, t.part_number
order by t.day, t.part_number;
