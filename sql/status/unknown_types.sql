-- Event ids that no release of Cowrie is known to write, most first.
--
-- Returns: many
-- Not null: events

select e.event_type, count(*) as events
from raw_events as e
where e.flags like '%unknown_event%'
group by e.event_type
order by events desc, e.event_type
limit 20;
