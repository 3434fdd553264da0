-- Removes the bytes of dead letters, and settles those that are open.
--
-- Returns: none

update dead_letter_events
set
  record = ''::bytea,
  record_tail = null,
  purged_at = clock_timestamp(),
  resolved_at = coalesce(resolved_at, clock_timestamp()),
  resolution = coalesce(resolution, 'purged')
where
  purged_at is null
  and dead_letter_id in (
    select cast(i.value as bigint)
    from
      jsonb_array_elements_text(cast(cast(:letters as text) as jsonb)) as i (
        value
      )
  );
