-- Gives the roles of the store their privileges; SQLite has no roles.
--
-- Returns: one
-- Not null: granted

select 0 as granted;
