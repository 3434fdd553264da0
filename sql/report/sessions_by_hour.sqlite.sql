-- Sessions by hour of their first event.
--
-- Returns: many
-- Not null: hour, sessions

select substr(s.first_event_at, 1, 13) as hour, count(*) as sessions
from session_summaries as s
where s.first_event_at >= :period_start and s.first_event_at < :period_end
group by substr(s.first_event_at, 1, 13)
order by hour;
