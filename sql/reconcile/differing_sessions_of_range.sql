-- Sessions of a range that have derived rows that are not what their events add up to.
--
-- Returns: many
-- Not null: session_id

select distinct d.session_id
from derived_differences as d
where d.session_id >= :from_session and d.session_id < :before_session;
