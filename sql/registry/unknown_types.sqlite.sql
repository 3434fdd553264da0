-- Event ids that are not registered, of events since an instant, most first; found through ix_raw_events_unknown_event.
--
-- Returns: many
-- Not null: events, first_seen, last_seen, example_session

select
  e.event_type,
  count(*) as events,
  min(e.occurred_at) as first_seen,
  max(e.occurred_at) as last_seen,
  max(e.session_id) as example_session
from raw_events as e
where
  e.occurred_at >= :since
  and e.flags != ''
  and instr(e.flags, 'unknown_event') > 0
  and not exists (
    select 1
    from event_types as t
    where t.event_type = e.event_type
  )
group by e.event_type
order by events desc, e.event_type
limit :most;
