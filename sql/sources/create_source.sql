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
    :compression,
    :sensor
  )
returning source_id;
