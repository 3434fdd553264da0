-- A page of sessions in the order that jobs walk; with a step, every so manieth of them.
--
-- Returns: many
-- Not null: summary_id, session_id, event_count

select s.summary_id, s.session_id, s.event_count
from session_places as s
where
  s.summary_id > :after_id
  and s.first_event_at >= (select cast(cast(:from_at as text) as timestamptz))
  and s.first_event_at < (select cast(cast(:to_at as text) as timestamptz))
  and (cast(:session_id as text) is null or s.session_id = :session_id)
  and s.summary_id % :step = 0
order by s.summary_id
limit :page_size;
