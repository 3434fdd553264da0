-- What a database holds that is not the server's own or an extension's, each with the statement that drops it.
--
-- With: members
-- Returns: many
-- Not null: name, statement

with
  own as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace as n
    where n.nspname not like 'pg\_%' and n.nspname != 'information_schema'
  )
select
  o.name,
  format('drop %s if exists %s cascade', o.kind, o.name) as statement
from
  (
    select 1 as place, 'schema' as kind, quote_ident(n.nspname) as name
    from own as n
    where
      n.nspname != 'public'
      and (cast('pg_namespace'::regclass as oid), n.oid) not in (
        select m.classid, m.objid
        from members as m
      )
    union all
    select
      2,
      case c.relkind
        when 'v' then 'view'
        when 'm' then 'materialized view'
        when 'S' then 'sequence'
        when 'f' then 'foreign table'
        else 'table'
      end,
      format('%I.%I', n.nspname, c.relname)
    from
      own as n
      join pg_catalog.pg_class as c on c.relnamespace = n.oid
    where
      n.nspname = 'public'
      and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      and (cast('pg_class'::regclass as oid), c.oid) not in (
        select m.classid, m.objid
        from members as m
      )
    union all
    select
      3,
      case p.prokind
        when 'a' then 'aggregate'
        else 'routine'
      end,
      p.oid::regprocedure::text
    from
      own as n
      join pg_catalog.pg_proc as p on p.pronamespace = n.oid
    where
      n.nspname = 'public'
      and (cast('pg_proc'::regclass as oid), p.oid) not in (
        select m.classid, m.objid
        from members as m
      )
    union all
    select
      4,
      case y.typtype
        when 'd' then 'domain'
        else 'type'
      end,
      format('%I.%I', n.nspname, y.typname)
    from
      own as n
      join pg_catalog.pg_type as y on y.typnamespace = n.oid
      left join pg_catalog.pg_class as c on c.oid = y.typrelid
    where
      n.nspname = 'public'
      and (y.typtype in ('d', 'e', 'r') or c.relkind = 'c')
      and (cast('pg_type'::regclass as oid), y.oid) not in (
        select m.classid, m.objid
        from members as m
      )
    union all
    select 5, 'publication', quote_ident(p.pubname)
    from pg_catalog.pg_publication as p
    union all
    select 6, replace(i.type, '-', ' '), i.identity
    from
      (
        select 'pg_cast'::regclass::oid as classid, o.oid
        from pg_catalog.pg_cast as o
        union all
        select 'pg_operator'::regclass, o.oid
        from pg_catalog.pg_operator as o
        where o.oprnamespace = to_regnamespace('public')
        union all
        select 'pg_collation'::regclass, o.oid
        from pg_catalog.pg_collation as o
        where o.collnamespace = to_regnamespace('public')
        union all
        select 'pg_ts_config'::regclass, o.oid
        from pg_catalog.pg_ts_config as o
        where o.cfgnamespace = to_regnamespace('public')
        union all
        select 'pg_ts_dict'::regclass, o.oid
        from pg_catalog.pg_ts_dict as o
        where o.dictnamespace = to_regnamespace('public')
        union all
        select 'pg_foreign_data_wrapper'::regclass, o.oid
        from pg_catalog.pg_foreign_data_wrapper as o
      ) as o
      cross join lateral pg_identify_object(o.classid, o.oid, 0) as i
    where
      o.oid >= 16384
      and (o.classid, o.oid) not in (
        select m.classid, m.objid
        from members as m
      )
  ) as o
order by o.place, o.name;
