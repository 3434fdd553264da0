-- Sessions by hour of their first event.
--
-- Returns: many
-- Not null: hour, sessions

select
  to_char(date_trunc('hour', s.first_event_at), 'YYYY-MM-DD"T"HH24') as hour,
  count(*) as sessions
from session_summaries as s
where s.first_event_at >= :period_start and s.first_event_at < :period_end
group by date_trunc('hour', s.first_event_at)
order by hour;
