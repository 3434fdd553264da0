-- The path on which names are found; SQLite has none, and no schemas.
--
-- Returns: one
-- Not null: path, schemas

select '' as path, '' as schemas;
