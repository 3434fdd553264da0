-- Opens the circuit breaker of a source: delta leaves the file alone until a probe is due, counted from now.
--
-- Returns: none

update sources
set
  state = 'tripped',
  last_read_at = clock_timestamp()
where source_id = :source_id;
