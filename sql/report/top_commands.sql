-- The commands typed most in a period, by the first event of their session.
--
-- Returns: many
-- Not null: occurrences, sessions

select
  c.command,
  cast(sum(c.occurrences) as bigint) as occurrences,
  count(*) as sessions
from
  session_summaries as s
  join command_stats as c on c.session_id = s.session_id
where s.first_event_at >= :period_start and s.first_event_at < :period_end
group by c.command
order by occurrences desc, c.command
limit :row_limit;
