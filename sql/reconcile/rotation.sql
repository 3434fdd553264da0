-- The run before which a bucket must have been read last to be read again: a 28th of all buckets, the oldest.
--
-- Returns: one
-- Not null: deep_run_id, oldest_deep_run_id

select
  coalesce(
    (
      select b.deep_run_id
      from reconcile_buckets as b
      order by b.deep_run_id
      limit 1 offset (select count(*) / 28 from reconcile_buckets)
    ),
    0
  ) as deep_run_id,
  0 as oldest_deep_run_id;
