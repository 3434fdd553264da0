-- The buckets of a range as they are: by day the sessions, their events, and all that is derived of them as one text.
--
-- Returns: many
-- Not null: day, sessions, events, lines

select
  l.day,
  count(*) as sessions,
  cast(sum(l.event_count) as bigint) as events,
  string_agg(l.line, '' order by l.session_id) as lines
from session_lines as l
where l.session_id >= :from_session and l.session_id < :before_session
group by l.day
order by l.day;
