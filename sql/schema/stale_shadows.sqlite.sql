-- Throw-away databases that a killed run has left; those of SQLite are files, which the runner looks for.
--
-- Returns: many
-- Not null: name, statement

select '' as name, '' as statement
where 1 = 0;
