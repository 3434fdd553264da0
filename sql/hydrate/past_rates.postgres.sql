-- How fast parts were copied into this store before: bytes, and seconds from the first to the last commit of each run that copied
-- more than a moment's work.
--
-- Returns: one
-- Not null: byte_count, seconds

select
  cast(coalesce(sum(r.byte_count), 0) as double precision) as byte_count,
  cast(coalesce(sum(r.seconds), 0) as double precision) as seconds
from
  (
    select
      sum(c.byte_count) as byte_count,
      extract(epoch from max(c.copied_at) - min(c.copied_at)) as seconds
    from hydration_chunks as c
    group by c.hydration_id
    having max(c.copied_at) - min(c.copied_at) > interval '2 seconds'
  ) as r;
