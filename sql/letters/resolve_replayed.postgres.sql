-- Settles dead letters whose records a replay has put into a batch; passes over those that are settled already.
--
-- Returns: none

update dead_letter_events
set
  resolved_at = clock_timestamp(),
  resolution = 'replayed',
  resolved_batch_id = cast(:batch_id as bigint)
where
  resolved_at is null
  and dead_letter_id in (
    select cast(i.value as bigint)
    from
      jsonb_array_elements_text(cast(cast(:letters as text) as jsonb)) as i (
        value
      )
  );
