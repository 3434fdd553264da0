-- Event ids that are not registered, of events since an instant, most first; found through ix_raw_events_unknown_event.
--
-- Returns: many
-- Not null: events, first_seen, last_seen, example_session

select
  e.event_type,
  count(*) as events,
  to_char(min(e.occurred_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as first_seen,
  to_char(max(e.occurred_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_seen,
  max(e.session_id) as example_session
from raw_events as e
where
  e.occurred_at >= cast(cast(:since as text) as timestamptz)
  and e.flags != ''
  and position('unknown_event' in e.flags) > 0
  and not exists (
    select 1
    from event_types as t
    where t.event_type = e.event_type
  )
group by e.event_type
order by events desc, e.event_type
limit :most;
