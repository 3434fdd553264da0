-- The size of the store on disk, in bytes.
--
-- Returns: one

select cast(coalesce(sum(pg_total_relation_size(c.oid)), 0) as bigint) as bytes
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'cowrie' and c.relkind = 'r';
