-- Takes the lock of a run that copies into the store; whoever copies into a SQLite file holds its write lock.
--
-- Returns: one
-- Not null: is_taken

select true as is_taken;
