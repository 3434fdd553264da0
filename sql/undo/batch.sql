-- A batch that someone wants undone, with its source.
--
-- Returns: maybe

select
  b.batch_id,
  b.source_id,
  b.kind,
  b.carried_for_batch_id,
  b.undone_at,
  s.path_shown
from
  ingest_batches as b
  join sources as s on s.source_id = b.source_id
where b.batch_id = :batch_id and b.sealed_at is not null;
