-- Takes back what the roles of the store may do; SQLite has no roles.
--
-- Returns: none

select 1;
