-- A page of command statistics in canonical form, in key order.
--
-- Returns: many

select
  t.session_id,
  t.command,
  t.inputs,
  t.successes,
  t.failures,
  t.occurrences,
  t.first_seen,
  t.last_seen,
  t.high_risk::integer as high_risk
from command_stats as t
where (t.session_id, t.command) > (:after_session, :after_command)
order by t.session_id, t.command
limit :row_limit;
