-- Event ids that no release of Cowrie is known to write, most first; found through ix_raw_events_unknown_event.
--
-- Returns: many
-- Not null: events

select e.event_type, count(*) as events
from raw_events as e
where e.flags != '' and instr(e.flags, 'unknown_event') > 0
group by e.event_type
order by events desc, e.event_type
limit 20;
