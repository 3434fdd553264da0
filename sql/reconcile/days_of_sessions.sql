-- The sessions of a range with their days.
--
-- Returns: many
-- Not null: session_id, day

select l.session_id, l.day
from session_lines as l
where l.session_id >= :from_session and l.session_id < :before_session
order by l.session_id;
