-- The tables of the store, in order.
--
-- Returns: many

select cast(c.relname as text) as name
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'cowrie' and c.relkind in ('r', 'p')
order by c.relname collate "C";
