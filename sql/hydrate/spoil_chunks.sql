-- Says of every part that its rows may be others since it was copied, as after the store was in use; the next run reads them again.
--
-- Returns: none

update hydration_chunks
set
  digest = :digest,
  batches_digest = null;
