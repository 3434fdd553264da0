-- The buckets of a range as they were proved last.
--
-- Returns: many
-- Not null: is_rotated

select
  b.day,
  b.digest,
  case
    when b.deep_run_id < :rotated_before then 1
    else 0
  end as is_rotated
from reconcile_buckets as b
where b.range_number = :range_number
order by b.day;
