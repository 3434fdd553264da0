-- What has been copied into the store, part by part; a part was committed with its row here.
--
-- Returns: many

select
  c.table_name,
  c.last_key,
  c.after_key,
  c.row_count,
  c.byte_count,
  c.quarantined,
  c.digest,
  c.batches_digest
from hydration_chunks as c;
