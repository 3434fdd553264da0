-- Says that rows of a part were replaced one by one: its digest is of none, so that the next run reads it again.
--
-- Returns: none

update hydration_chunks
set
  digest = :digest,
  batches_digest = null
where table_name = :table_name and last_key = :last_key;
