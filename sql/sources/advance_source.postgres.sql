-- Moves a source on to the end of a batch, from where the batch begins; touches nothing where another program has moved
-- it meanwhile. Runs in the transaction of the batch. Until the program says that it has read the whole file, its state
-- is reading: whoever comes next looks at all of it.
--
-- Returns: none

update sources
set
  path = :path,
  path_shown = :path_shown,
  fingerprint = :fingerprint,
  fingerprint_bytes = :fingerprint_bytes,
  size_bytes = :size_bytes,
  device = :device,
  inode = :inode,
  changed_us = :changed_us,
  next_offset = :next_offset,
  prefix_digest = :prefix_digest,
  state = 'reading',
  sensor = coalesce(nullif(:sensor, ''), sensor),
  last_read_at = clock_timestamp()
where source_id = :source_id and next_offset = :first_offset;
