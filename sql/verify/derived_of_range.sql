-- Rows of derived tables that are not what the events give, for a range of sessions.
--
-- Returns: many
-- With: wrong
-- Not null: table_name, session_id, item, column_name, is_older_score
--
-- Rows whose difference may be right by the risk rules of then come last.

select
  w.table_name,
  w.session_id,
  w.item,
  w.column_name,
  w.stored,
  w.expected,
  w.is_older_score
from wrong as w
where w.session_id >= :from_session and w.session_id <= :up_to_session
order by w.is_older_score
limit 1000;
