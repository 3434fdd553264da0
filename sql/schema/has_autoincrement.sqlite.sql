-- Whether the database keeps the numbers of autoincrement in a table of its own.
--
-- Returns: one

select count(*) as found
from sqlite_schema
where name = 'sqlite_sequence';
