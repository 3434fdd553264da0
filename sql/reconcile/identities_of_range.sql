-- Events of a range of sessions whose session id is not the one that their payload names.
--
-- Returns: many
-- Not null: event_id, session_id, expected

select i.event_id, i.session_id, i.expected
from check_identities as i
where i.session_id >= :from_session and i.session_id < :before_session
order by i.event_id
limit 1000;
