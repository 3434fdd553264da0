-- Lets the roles of the store read its ledger, and nothing else; SQLite has no roles.
--
-- Returns: none

select 1;
