-- The buckets of a range as they were proved last, and whether it is their turn to be read again.
--
-- Returns: many
-- Not null: is_due

select
  b.day,
  b.digest,
  case
    when (b.deep_run_id, b.day, b.range_number) < (
      cast(:due_run_id as bigint),
      cast(:due_day as text),
      cast(:due_range as integer)
    ) then 1
    else 0
  end as is_due
from reconcile_buckets as b
where b.range_number = :range_number
order by b.day;
