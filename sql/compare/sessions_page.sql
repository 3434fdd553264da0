-- A page of sessions in the order of their ids.
--
-- Returns: many

select s.session_id, s.event_count, s.first_event_at
from session_summaries as s
where s.session_id > :after_session
order by s.session_id
limit :page_size;
