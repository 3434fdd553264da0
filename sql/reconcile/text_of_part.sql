-- A part of a bucket as it is: the sessions from one id to another that began on a day, as one text.
--
-- Returns: one
-- Not null: sessions, lines

select
  count(*) as sessions,
  coalesce(string_agg(l.line, '' order by l.session_id), '') as lines
from session_lines as l
where
  l.session_id >= :from_session
  and l.session_id < :before_session
  and l.day = :day;
