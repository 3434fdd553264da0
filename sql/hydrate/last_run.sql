-- The last run that copied into the store.
--
-- Returns: maybe

select
  h.hydration_id,
  h.source_store_id,
  h.source_name,
  h.state,
  h.phase,
  h.started_at,
  h.finished_at,
  h.error
from hydrations as h
order by h.hydration_id desc
limit 1;
