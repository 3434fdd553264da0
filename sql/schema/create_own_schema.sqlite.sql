-- The statement that makes a schema in a throw-away database; SQLite has none.
--
-- Returns: one
-- Not null: statement

select cast(substr(:name, 1, 0) as text) as statement;
