-- Says that rows of a part are in quarantine that were copied with it, or the other way round.
--
-- Returns: none

update hydration_chunks
set
  row_count = row_count - :row_count,
  quarantined = quarantined + :row_count
where table_name = :table_name and last_key = :last_key;
