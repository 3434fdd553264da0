-- How many dead letters a purge would empty, and how many of them are open.
--
-- With: asked, purgeable
-- Returns: one
-- Not null: letters, open, bytes

select
  count(*) as letters,
  count(*) filter (where p.resolved_at is null) as open,
  cast(
    coalesce(
      sum(length(p.record) + coalesce(length(p.record_tail), 0)),
      0
    ) as bigint
  ) as bytes
from purgeable as p;
