-- Triggers and views, and the functions whose body or arguments keep a table from being dropped.
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
    union all
    select 'function', p.proname::text, p.proname::text
    from
      pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    where
      n.nspname = 'cowrie'
      and exists (
        select 1
        from
          pg_catalog.pg_depend as d
          left join pg_catalog.pg_type as y
            on d.refclassid = 'pg_catalog.pg_type'::regclass
            and y.oid = d.refobjid
        where
          d.classid = 'pg_catalog.pg_proc'::regclass
          and d.objid = p.oid
          and d.deptype = 'n'
          and (
            d.refclassid = 'pg_catalog.pg_class'::regclass
            or y.typrelid != 0
          )
      )
  ) as o
order by o.kind, o.name;
