-- Whether the database has a ledger.
--
-- Returns: one

select count(*) as found
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'cowrie' and c.relname = 'schema_ledger' and c.relkind = 'r';
