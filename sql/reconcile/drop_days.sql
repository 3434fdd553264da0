-- Forgets the digests of days without a bucket.
--
-- Returns: none

delete from reconcile_days
where
  not exists (
    select 1 from reconcile_buckets as b where b.day = reconcile_days.day
  );
