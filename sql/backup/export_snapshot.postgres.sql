-- A name by which pg_dump reads what this transaction sees.
--
-- Returns: one
-- Not null: snapshot

select pg_export_snapshot() as snapshot;
