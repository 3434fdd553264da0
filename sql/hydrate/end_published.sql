-- Ends the runs that have published their copy, whose program has died behind that: whoever asks holds the lock of a run, and has
-- done what they had left.
--
-- Returns: many

update hydrations
set
  state = 'done',
  finished_at = :now
where state = 'running'
returning hydration_id;
