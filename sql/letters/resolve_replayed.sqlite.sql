-- Settles dead letters whose records a replay has put into a batch; passes over those that are settled already.
--
-- Returns: none

update dead_letter_events
set
  resolved_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
  resolution = 'replayed',
  resolved_batch_id = cast(:batch_id as bigint)
where
  resolved_at is null
  and dead_letter_id in (
    select i.value
    from json_each(:letters) as i
  );
