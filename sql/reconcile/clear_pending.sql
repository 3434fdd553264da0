-- Forgets what runs have noted to hold later.
--
-- Returns: none

delete from reconcile_pending_buckets;
