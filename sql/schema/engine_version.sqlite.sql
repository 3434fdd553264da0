-- The engine and its version.
--
-- Returns: one
-- Not null: engine

select 'SQLite ' || sqlite_version() as engine;
