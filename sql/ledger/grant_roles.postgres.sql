-- Gives the roles of the store their privileges on what a change of the schema has made anew.
--
-- Returns: one
-- Not null: granted

select grant_roles() as granted;
