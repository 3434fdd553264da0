-- Whether there is a session that has events and no summary.
--
-- Returns: one
-- Not null: has_missing
--
-- A count and no EXISTS: where there is none all events are read, and for EXISTS the planner thinks that one comes soon.

select count(*) > 0 as has_missing
from raw_events as e
where
  e.session_id != ''
  and not exists (
    select 1 from session_summaries as s where s.session_id = e.session_id
  );
