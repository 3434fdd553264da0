-- Takes away the buckets that a run has found to be proved no more.
--
-- Returns: none

delete from reconcile_buckets
where
  exists (
    select 1
    from reconcile_pending_buckets as p
    where
      p.run_id = :run_id
      and p.range_number = reconcile_buckets.range_number
      and p.day = reconcile_buckets.day
      and p.digest is null
  );
