-- Addresses of sessions, in their order, behind one of them.
--
-- Returns: many
-- Not null: source_ip

select distinct s.source_ip
from session_summaries as s
where s.source_ip > :after
order by s.source_ip
limit :row_limit;
