-- Sessions of a range whose summary has another count or other times than the index of events, or that lack one of both.
--
-- Returns: many
--
-- Differs: SQLite looks each session up; PostgreSQL lays the two sorted lists side by side, for which both have the range.

with
  summaries as materialized (
    select
      s.session_id,
      s.event_count,
      s.first_event_at,
      s.last_event_at
    from session_summaries as s
    where s.session_id >= :from_session and s.session_id < :before_session
  )
select coalesce(e.session_id, s.session_id) as session_id
from
  (
    select
      e.session_id,
      count(*) as events,
      min(e.occurred_at) as first_at,
      max(e.occurred_at) as last_at
    from raw_events as e
    where
      e.session_id >= :from_session
      and e.session_id < :before_session
      and e.session_id != ''
    group by e.session_id
  ) as e
  full join summaries as s on s.session_id = e.session_id
where
  s.event_count is distinct from e.events
  or s.first_event_at is distinct from e.first_at
  or s.last_event_at is distinct from e.last_at
union
(
  (
    select c.session_id
    from command_stats as c
    where c.session_id >= :from_session and c.session_id < :before_session
    union
    select f.session_id
    from session_files as f
    where f.session_id >= :from_session and f.session_id < :before_session
  )
  except
  select s.session_id
  from summaries as s
);
