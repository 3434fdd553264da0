-- Closes the circuit breaker of a source: a probe was good, and what lies before it counts no more.
--
-- Returns: none

update sources
set
  state = 'reading',
  breaker_offset = next_offset
where source_id = :source_id;
