-- Sessions of a range that have events and no summary.
--
-- Returns: many

select e.session_id
from raw_events as e
where
  e.session_id > :after_session
  and (cast(:session_id as text) is null or e.session_id = :session_id)
group by e.session_id
having
  min(e.occurred_at) >= (select cast(cast(:from_at as text) as timestamptz))
  and min(e.occurred_at) < (select cast(cast(:to_at as text) as timestamptz))
  and not exists (
    select 1 from session_summaries as s where s.session_id = e.session_id
  )
order by e.session_id
limit :page_size;
