-- Takes one of the locks of a store for as long as the connection lives, where nobody holds it: 0 is
-- that of changes of the schema, 3 that of a copy into the store.
--
-- Returns: one
-- Not null: is_taken

select pg_try_advisory_lock(7266311, :lock) as is_taken;
