-- The statement that drops a throw-away database; SQLite's is a file, which is removed.
--
-- Returns: one
-- Not null: statement

select cast(substr(:name, 1, 0) as text) as statement;
