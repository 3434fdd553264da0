-- Notes what the sessions of a run add up to once they are repaired.
--
-- Returns: none

update reconcile_runs
set
  sessions = (
    select count(*)
    from session_summaries
  ),
  events = coalesce(summed_events, events)
where run_id = :run_id;
