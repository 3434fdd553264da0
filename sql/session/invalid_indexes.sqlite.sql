-- Indexes of one name that are not valid; those of SQLite always are.
--
-- Returns: many
-- Not null: name

select cast(:name as text) as name
where 1 = 0;
