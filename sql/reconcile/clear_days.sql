-- Forgets the digests of the days, to be written anew.
--
-- Returns: none

delete from reconcile_days;
