-- Views and rules, with the SQL that makes and drops each.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  chosen as (
    select n.oid, n.nspname, n.nspowner
    from pg_catalog.pg_namespace as n
    where
      n.nspname not like 'pg\_%'
      and n.nspname != 'information_schema'
      and (n.nspname = 'cowrie') = (cast(:of_store as integer) = 1)
      and cast(:owner as text) is not null
  ),
  base as (
    select
      case
        when cast(:of_store as integer) = 1 then n.nspowner
        else c.relowner
      end as oid
    from
      pg_catalog.pg_namespace as n
      left join pg_catalog.pg_class as c
        on c.relnamespace = n.oid and c.relname = 'schema_ledger'
    where n.nspname = 'cowrie'
  ),
  members as (
    select d.classid, d.objid
    from pg_catalog.pg_depend as d
    where d.deptype = 'e'
  )
select
  case c.relkind
    when 'm' then 'materialized view'
    else 'view'
  end as kind,
  case
    when s.nspname = 'cowrie' then quote_ident(c.relname)
    else format('%I.%I', s.nspname, c.relname)
  end as relation,
  '' as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  c.oid::bigint as place
from
  pg_catalog.pg_class as c
  join chosen as s on s.oid = c.relnamespace
  cross join base as b
  cross join lateral (
    select
      case c.relkind
        when 'm' then 'materialized view'
        else 'view'
      end as kind,
      format('%I.%I', s.nspname, c.relname) as full_name,
      rtrim(pg_get_viewdef(c.oid), ';') as text,
      (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      ) as names
  ) as v
  cross join lateral (
    values
      (
        '',
        format('(%s) as%s', v.names, v.text),
        format(
          E'create %s %s (%s) as\n%s',
          v.kind,
          v.full_name,
          v.names,
          v.text
        ),
        format('drop %s %s', v.kind, v.full_name),
        1
      ),
      (
        'owner',
        case
          when c.relowner = b.oid then ''
          else pg_get_userbyid(c.relowner)::text
        end,
        format(
          'alter %s %s owner to %I',
          v.kind,
          v.full_name,
          case
            when c.relowner = b.oid then cast(:owner as text)
            else pg_get_userbyid(c.relowner)::text
          end
        ),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(c.oid, 'pg_class'), ''),
        format(
          'comment on %s %s is %L',
          v.kind,
          v.full_name,
          obj_description(c.oid, 'pg_class')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where
  c.relkind in ('v', 'm')
  and (cast('pg_class'::regclass as oid), c.oid) not in (
    select m.classid, m.objid
    from members as m
  )
union all
select
  'rule',
  case
    when s.nspname = 'cowrie' then quote_ident(c.relname)
    else format('%I.%I', s.nspname, c.relname)
  end,
  r.rulename::text,
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  f.in_create,
  r.oid::bigint
from
  pg_catalog.pg_rewrite as r
  join pg_catalog.pg_class as c on c.oid = r.ev_class
  join chosen as s on s.oid = c.relnamespace
  cross join lateral (
    values
      (
        '',
        pg_get_ruledef(r.oid),
        pg_get_ruledef(r.oid),
        format('drop rule %I on %I.%I', r.rulename, s.nspname, c.relname),
        1
      ),
      (
        'state',
        case r.ev_enabled
          when 'O' then ''
          when 'D' then 'disabled'
          when 'R' then 'enabled on a replica'
          else 'enabled always'
        end,
        format(
          'alter table %I.%I %s rule %I',
          s.nspname,
          c.relname,
          case r.ev_enabled
            when 'O' then 'enable'
            when 'D' then 'disable'
            when 'R' then 'enable replica'
            else 'enable always'
          end,
          r.rulename
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where r.rulename != '_RETURN'
order by 2, 3;
