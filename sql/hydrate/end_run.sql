-- Notes how a run has ended, and what it has copied.
--
-- Returns: none

update hydrations
set
  state = :state,
  finished_at = :now,
  error = :error,
  chunks_copied = :chunks_copied,
  chunks_kept = :chunks_kept,
  rows_copied = :rows_copied,
  bytes_copied = :bytes_copied
where hydration_id = :hydration_id;
