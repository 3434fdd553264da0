-- Removes the bytes of dead letters, and settles those that are open.
--
-- Returns: none

update dead_letter_events
set
  record = x'',
  record_tail = null,
  purged_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
  resolved_at = coalesce(resolved_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  resolution = coalesce(resolution, 'purged')
where
  purged_at is null
  and dead_letter_id in (
    select i.value
    from json_each(:letters) as i
  );
