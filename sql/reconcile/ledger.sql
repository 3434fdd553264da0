-- The law of conservation in one row.
--
-- Returns: one
-- Not null: raw_events, summed_events, unattributed_events, accepted_events, duplicate_sightings

select
  l.raw_events,
  l.summed_events,
  l.unattributed_events,
  l.accepted_events,
  l.duplicate_sightings
from event_ledger as l;
