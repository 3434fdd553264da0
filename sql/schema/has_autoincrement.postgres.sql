-- Whether the database keeps the numbers of autoincrement in a table of its own; PostgreSQL has sequences.
--
-- Returns: one

select cast(0 as bigint) as found;
