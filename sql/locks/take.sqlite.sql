-- Takes one of the locks of a store; whoever writes to a SQLite file holds its write lock instead.
--
-- Returns: one
-- Not null: is_taken

select :lock is not null as is_taken;
