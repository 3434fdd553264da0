-- Notes a log file that was not seen before.
--
-- Returns: one

insert into sources
  (
    path,
    path_shown,
    fingerprint,
    fingerprint_bytes,
    size_bytes,
    device,
    inode,
    changed_us,
    compression,
    sensor
  )
values
  (
    :path,
    :path_shown,
    :fingerprint,
    :fingerprint_bytes,
    :size_bytes,
    :device,
    :inode,
    :changed_us,
    :compression,
    :sensor
  )
returning source_id;
