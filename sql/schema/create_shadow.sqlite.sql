-- The statement that makes a throw-away database; SQLite makes a file when it is opened.
--
-- Returns: one
-- Not null: statement

select cast(substr(:name, 1, 0) as text) as statement;
