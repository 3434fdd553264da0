-- The triggers, views and routines of the store, and what else needs one of them, each with the names that it needs, a line each.
--
-- Returns: many
-- Not null: kind, name, schema_name, table_name, arguments, needs

with
  ours as (
    select n.oid
    from pg_catalog.pg_namespace as n
    where n.nspname = 'cowrie'
  ),
  needed as (
    select
      'pg_catalog.pg_class'::regclass as catalog,
      c.oid,
      c.relname::text as name
    from
      pg_catalog.pg_class as c
      join ours as o on o.oid = c.relnamespace
    where c.relkind != 'i'
    union all
    select 'pg_catalog.pg_proc'::regclass, p.oid, p.proname::text
    from
      pg_catalog.pg_proc as p
      join ours as o on o.oid = p.pronamespace
    union all
    select 'pg_catalog.pg_type'::regclass, t.oid, c.relname::text
    from
      pg_catalog.pg_type as t
      left join pg_catalog.pg_type as e on e.oid = t.typelem and t.typelem != 0
      join pg_catalog.pg_class as c on c.oid = coalesce(e.typrelid, t.typrelid)
      join ours as o on o.oid = c.relnamespace
    where c.relkind != 'i' and (t.typrelid != 0 or e.typarray = t.oid)
  ),
  edges as (
    select distinct
      case
        when w.oid is not null then 'pg_catalog.pg_class'::regclass
        when a.oid is not null then 'pg_catalog.pg_class'::regclass
        when k.oid is not null
        and k.conrelid != 0 then 'pg_catalog.pg_class'::regclass
        else d.classid::regclass
      end as catalog,
      coalesce(w.ev_class, a.adrelid, nullif(k.conrelid, 0), d.objid) as oid,
      n.name
    from
      pg_catalog.pg_depend as d
      join needed as n on n.catalog = d.refclassid and n.oid = d.refobjid
      left join pg_catalog.pg_rewrite as w
        on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
      left join pg_catalog.pg_attrdef as a
        on d.classid = 'pg_catalog.pg_attrdef'::regclass and a.oid = d.objid
      left join pg_catalog.pg_constraint as k
        on d.classid = 'pg_catalog.pg_constraint'::regclass and k.oid = d.objid
    where d.deptype in ('n', 'a')
  ),
  objects as (
    select
      'pg_catalog.pg_trigger'::regclass as catalog,
      t.oid,
      'trigger' as kind,
      t.tgname::text as name,
      n.nspname::text as schema_name,
      c.relname::text as table_name,
      '' as arguments
    from
      pg_catalog.pg_trigger as t
      join pg_catalog.pg_class as c on c.oid = t.tgrelid
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where not t.tgisinternal and t.tgparentid = 0
    union all
    select
      'pg_catalog.pg_class'::regclass,
      c.oid,
      case c.relkind
        when 'v' then 'view'
        when 'm' then 'materialized view'
        when 'i' then 'index'
        when 'I' then 'index'
        else 'table'
      end,
      c.relname::text,
      n.nspname::text,
      coalesce(t.relname, c.relname)::text,
      ''
    from
      pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      left join pg_catalog.pg_index as i on i.indexrelid = c.oid
      left join pg_catalog.pg_class as t on t.oid = i.indrelid
    where c.relkind != 'S'
    union all
    select
      'pg_catalog.pg_proc'::regclass,
      p.oid,
      case p.prokind
        when 'p' then 'procedure'
        else 'function'
      end,
      p.proname::text,
      n.nspname::text,
      p.proname::text,
      pg_get_function_identity_arguments(p.oid)
    from
      pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  )
select
  o.kind,
  o.name,
  o.schema_name,
  o.table_name,
  o.arguments,
  coalesce(string_agg(e.name, chr(10) order by e.name collate "C"), '') as needs
from
  objects as o
  left join edges as e on e.catalog = o.catalog and e.oid = o.oid
where
  e.oid is not null
  or o.schema_name = 'cowrie'
  and o.kind in ('trigger', 'view', 'function', 'procedure')
group by o.kind, o.name, o.schema_name, o.table_name, o.arguments, o.oid
order by o.kind, o.name collate "C", o.schema_name, o.arguments;
