-- Files that delta leaves alone because too much of them was refused.
--
-- Returns: many

select
  path_shown,
  next_offset,
  last_read_at
from sources
where state = 'tripped'
order by path_shown, source_id;
