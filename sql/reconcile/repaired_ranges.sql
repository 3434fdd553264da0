-- Ranges with sessions that a run has repaired.
--
-- Returns: many

select g.range_number
from reconcile_ranges as g
where
  exists (
    select 1
    from repairs as r
    where
      r.run_id = :run_id
      and r.session_id >= g.from_session
      and r.session_id < g.before_session
  )
order by g.range_number;
