-- A name by which pg_dump reads what this transaction sees; SQLite has none and needs none.
--
-- Returns: one
-- Not null: snapshot

select '' as snapshot;
