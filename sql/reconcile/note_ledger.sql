-- Notes the law of conservation as a run has found it.
--
-- Returns: none

update reconcile_runs
set
  raw_events = :raw_events,
  summed_events = :summed_events,
  unattributed_events = :unattributed_events,
  accepted_events = :accepted_events,
  duplicate_sightings = :duplicate_sightings
where run_id = :run_id;
