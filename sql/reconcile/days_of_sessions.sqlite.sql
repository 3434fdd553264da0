-- The sessions of a range that began on one of the days in a JSON array, or that are in another, with their days.
--
-- Returns: many
-- Not null: session_id, day

select l.session_id, l.day
from session_lines as l
where
  l.session_id >= :from_session
  and l.session_id < :before_session
  and (
    l.day in (select d.value from json_each(:days) as d)
    or l.session_id in (select s.value from json_each(:sessions) as s)
  )
order by l.session_id;
