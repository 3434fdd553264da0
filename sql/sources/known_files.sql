-- Every source as the file that it was last read from.
--
-- Returns: many

select
  source_id,
  device,
  inode,
  changed_us,
  size_bytes,
  next_offset,
  state
from sources
where inode is not null
order by source_id;
