-- Whether the ledger may get its chain from a folder of somebody's own: it is this user's, and no store is there, whose migration brings it.
--
-- Returns: one
-- Not null: found

select count(*) as found
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
  n.nspname = 'cowrie'
  and c.relname = 'schema_ledger'
  and c.relkind = 'r'
  and pg_has_role(current_user, c.relowner, 'USAGE')
  and to_regclass('cowrie.ingest_batches') is null;
