-- Indexes of one name in one of the schemas that are not valid; those of SQLite always are.
--
-- Returns: many
-- Not null: name

select cast(:name as text) as name
where 1 = 0 and cast(:schemas as text) = '';
