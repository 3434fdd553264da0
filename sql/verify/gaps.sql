-- Numbers that no batch has: between two batches, before the first and behind the last.
--
-- Returns: many
-- Not null: after_batch, before_batch

select g.after_batch, g.before_batch
from
  (
    select
      coalesce(lag(b.batch_id) over (order by b.batch_id), -1) as after_batch,
      b.batch_id as before_batch
    from ingest_batches as b
    union all
    select
      coalesce(max(b.batch_id), -1) as after_batch,
      8796093022207 as before_batch
    from ingest_batches as b
  ) as g
where g.before_batch > g.after_batch + 1
order by g.after_batch;
