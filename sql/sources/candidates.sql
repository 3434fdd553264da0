-- Sources that a file with this fingerprint may be: the same first bytes, or fewer of them than are hashed.
--
-- Returns: many

select
  source_id,
  fingerprint,
  fingerprint_bytes,
  next_offset,
  prefix_digest,
  state
from sources
where fingerprint = :fingerprint or fingerprint_bytes < 4096
order by next_offset desc, source_id;
