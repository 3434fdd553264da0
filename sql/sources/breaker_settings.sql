-- The settings of the circuit breaker.
--
-- Returns: one
-- Not null: records, probe_seconds

select
  (
    select value
    from settings
    where setting = 'breaker_records'
  ) as records,
  (
    select value
    from settings
    where setting = 'breaker_probe_seconds'
  ) as probe_seconds;
