-- Sources that a file with this fingerprint may be: the same first bytes, or fewer of them than are hashed. The one that
-- had its inode comes first: most files are what they were.
--
-- Returns: many

select
  source_id,
  fingerprint,
  fingerprint_bytes,
  next_offset,
  prefix_digest,
  device,
  inode,
  state
from sources
where fingerprint = :fingerprint or fingerprint_bytes < 4096
order by
  case
    when inode = :inode
    and device = :device then 0
    else 1
  end,
  next_offset desc,
  source_id;
