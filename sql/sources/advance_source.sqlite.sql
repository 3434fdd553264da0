-- Moves a source on to the end of a batch; runs in the transaction of the batch.
--
-- Returns: none

update sources
set
  path = :path,
  path_shown = :path_shown,
  fingerprint = :fingerprint,
  fingerprint_bytes = :fingerprint_bytes,
  size_bytes = :size_bytes,
  next_offset = :next_offset,
  prefix_digest = :prefix_digest,
  sensor = coalesce(nullif(:sensor, ''), sensor),
  last_read_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
where source_id = :source_id;
