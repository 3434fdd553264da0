-- The size of the store on disk, in bytes.
--
-- Returns: one

select p.page_count * s.page_size as bytes
from
  pragma_page_count as p
  cross join pragma_page_size as s;
