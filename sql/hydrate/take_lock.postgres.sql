-- Takes the lock of a run that copies into the store, for as long as the connection lives.
--
-- Returns: one
-- Not null: is_taken

select pg_try_advisory_lock(7266311, 3) as is_taken;
