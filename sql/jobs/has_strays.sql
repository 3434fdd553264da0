-- Whether there is a row beside the summaries, of those that a job of a kind writes, whose session has no summary.
--
-- Returns: one
-- Not null: has_strays
--
-- A count and no EXISTS: where there is none all rows are read, and for EXISTS PostgreSQL plans as if one came soon.

select count(*) > 0 as has_strays
from session_items as i
where
  i.kind = :kind
  and not exists (
    select 1 from session_summaries as s where s.session_id = i.session_id
  );
