-- Says that rows of a part were replaced one by one, by which it has so many more and so many more are kept out: its digest is of
-- none, so that the next run reads it again.
--
-- Returns: none

update hydration_chunks
set
  row_count = row_count + cast(:rows as bigint),
  quarantined = quarantined + cast(:kept_out as bigint),
  digest = :digest,
  batches_digest = null
where table_name = :table_name and last_key = :last_key;
