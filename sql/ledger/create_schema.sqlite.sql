-- Makes the schema that holds every object; SQLite has one already.
--
-- Returns: none

select 1;
