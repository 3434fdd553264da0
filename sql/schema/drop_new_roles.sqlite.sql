-- Drops the roles that this transaction has made; SQLite has no roles.
--
-- Returns: none

select 1;
