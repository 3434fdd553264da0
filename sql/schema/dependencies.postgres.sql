-- What needs what: the first cannot be without the second.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, needed_kind, needed_relation, needed_name

with
  things as (
    select
      'pg_class'::regclass::oid as classid,
      c.oid as objid,
      a.attnum::integer as subid,
      case
        when c.relkind = 'v' then 'view'
        when c.relkind = 'm' then 'materialized view'
        when c.relkind = 'S' then 'sequence'
        when a.attnum > 0 then 'column'
        else 'table'
      end as kind,
      c.shown as relation,
      case
        when a.attnum > 0
        and c.relkind in ('r', 'p', 'f') then a.attname::text
        else ''
      end as name
    from
      own_relations as c
      cross join lateral (
        select 0 as attnum, null::name as attname
        union all
        select t.attnum, t.attname
        from pg_catalog.pg_attribute as t
        where t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped
      ) as a
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    select
      'pg_class'::regclass::oid,
      i.indexrelid,
      0,
      case k.contype
        when 'p' then 'primary key'
        when 'u' then 'unique constraint'
        when 'x' then 'exclusion constraint'
        else 'index'
      end,
      c.shown,
      coalesce(k.conname, x.relname)::text
    from
      pg_catalog.pg_index as i
      join own_relations as c on c.oid = i.indrelid
      join pg_catalog.pg_class as x on x.oid = i.indexrelid
      left join pg_catalog.pg_constraint as k
        on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
    union all
    select
      'pg_constraint'::regclass::oid,
      k.oid,
      0,
      case k.contype
        when 'p' then 'primary key'
        when 'u' then 'unique constraint'
        when 'f' then 'foreign key'
        when 'x' then 'exclusion constraint'
        else 'check'
      end,
      case
        when s.nspname = 'cowrie' then quote_ident(
          coalesce(c.relname, y.typname)
        )
        else format('%I.%I', s.nspname, coalesce(c.relname, y.typname))
      end,
      k.conname::text
    from
      pg_catalog.pg_constraint as k
      join chosen as s on s.oid = k.connamespace
      left join pg_catalog.pg_class as c on c.oid = k.conrelid
      left join pg_catalog.pg_type as y on y.oid = k.contypid
    where k.contype in ('p', 'u', 'c', 'x', 'f')
    union all
    select
      'pg_attrdef'::regclass::oid,
      d.oid,
      0,
      'column',
      c.shown,
      a.attname::text
    from
      pg_catalog.pg_attrdef as d
      join own_relations as c on c.oid = d.adrelid
      join pg_catalog.pg_attribute as a
        on a.attrelid = d.adrelid and a.attnum = d.adnum
    union all
    select
      'pg_rewrite'::regclass::oid,
      r.oid,
      0,
      case
        when r.rulename != '_RETURN' then 'rule'
        when c.relkind = 'm' then 'materialized view'
        else 'view'
      end,
      c.shown,
      case
        when r.rulename = '_RETURN' then ''
        else r.rulename::text
      end
    from
      pg_catalog.pg_rewrite as r
      join own_relations as c on c.oid = r.ev_class
    union all
    select
      t.classid,
      t.oid,
      0,
      t.kind,
      c.shown,
      t.name
    from
      (
        select
          'pg_trigger'::regclass::oid as classid,
          g.oid,
          'trigger' as kind,
          g.tgrelid as relid,
          g.tgname::text as name
        from pg_catalog.pg_trigger as g
        where not g.tgisinternal
        union all
        select
          'pg_policy'::regclass::oid,
          p.oid,
          'policy',
          p.polrelid,
          p.polname::text
        from pg_catalog.pg_policy as p
        union all
        select
          'pg_statistic_ext'::regclass::oid,
          e.oid,
          'statistics',
          e.stxrelid,
          e.stxname::text
        from pg_catalog.pg_statistic_ext as e
      ) as t
      join own_relations as c on c.oid = t.relid
    union all
    select
      'pg_proc'::regclass::oid,
      p.oid,
      0,
      case p.prokind
        when 'p' then 'procedure'
        when 'a' then 'aggregate'
        else 'function'
      end,
      case
        when s.nspname = 'cowrie' then ''
        else quote_ident(s.nspname) || '.'
      end || format(
        '%I(%s)',
        p.proname,
        pg_get_function_identity_arguments(p.oid)
      ),
      ''
    from
      pg_catalog.pg_proc as p
      join chosen as s on s.oid = p.pronamespace
    union all
    select
      'pg_type'::regclass::oid,
      y.oid,
      0,
      case
        when c.relkind in ('r', 'p', 'f') then 'table'
        when c.relkind = 'v' then 'view'
        when c.relkind = 'm' then 'materialized view'
        when y.typtype = 'd' then 'domain'
        else 'type'
      end,
      case
        when s.nspname = 'cowrie' then quote_ident(y.typname)
        else format('%I.%I', s.nspname, y.typname)
      end,
      ''
    from
      pg_catalog.pg_type as y
      join chosen as s on s.oid = y.typnamespace
      left join pg_catalog.pg_class as c on c.oid = y.typrelid
    where y.typtype in ('d', 'e', 'r', 'c')
  )
select distinct
  t.kind,
  t.relation,
  t.name,
  n.kind as needed_kind,
  n.relation as needed_relation,
  n.name as needed_name
from
  pg_catalog.pg_depend as d
  join things as t
    on t.classid = d.classid
    and t.objid = d.objid
    and t.subid = case
      when t.kind = 'column' then d.objsubid
      else 0
    end
  join things as n
    on n.classid = d.refclassid
    and n.objid = d.refobjid
    and n.subid = case
      when n.kind in ('view', 'materialized view') then 0
      else d.refobjsubid
    end
where
  d.deptype in ('n', 'a', 'i')
  and (t.kind, t.relation, t.name) != (n.kind, n.relation, n.name)
  and cast(:owner as text) is not null
order by 1, 2, 3, 4, 5, 6;
