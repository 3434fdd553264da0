-- The files seen most in a period, by the first event of their session.
--
-- Returns: many
-- Not null: occurrences, sessions

select
  f.shasum,
  min(f.url) as url,
  cast(sum(f.occurrences) as bigint) as occurrences,
  count(*) as sessions
from
  session_summaries as s
  join session_files as f on f.session_id = s.session_id
where s.first_event_at >= :period_start and s.first_event_at < :period_end
group by f.shasum
order by occurrences desc, f.shasum
limit :row_limit;
