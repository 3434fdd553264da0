-- The triggers and views of the store, triggers first, as they can be dropped.
--
-- Returns: many

select o.kind, o.name, o.table_name
from
  (
    select
      'trigger' as kind,
      t.tgname::text as name,
      c.relname::text as table_name
    from
      pg_catalog.pg_trigger as t
      join pg_catalog.pg_class as c on c.oid = t.tgrelid
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'cowrie' and not t.tgisinternal and t.tgparentid = 0
    union all
    select 'view', c.relname::text, c.relname::text
    from
      pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'cowrie' and c.relkind = 'v'
  ) as o
order by o.kind, o.name;
