-- Ends the runs whose program has died: whoever asks holds the lock of a run.
--
-- Returns: none

update hydrations
set
  state = 'failed',
  finished_at = :now,
  error = 'its program has died'
where state = 'running';
