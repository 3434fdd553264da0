-- The batch sealed last.
--
-- Returns: maybe

select
  b.batch_id,
  b.sealed_at,
  b.events_accepted,
  b.first_event_at,
  b.last_event_at,
  s.path_shown
from
  ingest_batches as b
  join sources as s on s.source_id = b.source_id
where b.chain_position is not null
order by b.chain_position desc
limit 1;
