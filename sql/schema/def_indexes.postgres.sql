-- Indexes that are not a constraints, and statistics of several columns, with the SQL that makes and drops each.
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
  members as (
    select d.classid, d.objid
    from pg_catalog.pg_depend as d
    where d.deptype = 'e'
  )
select
  'index' as kind,
  case
    when s.nspname = 'cowrie' then quote_ident(c.relname)
    else format('%I.%I', s.nspname, c.relname)
  end as relation,
  x.relname::text as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  x.oid::bigint as place
from
  pg_catalog.pg_index as i
  join pg_catalog.pg_class as x on x.oid = i.indexrelid
  join pg_catalog.pg_class as c on c.oid = i.indrelid
  join chosen as s on s.oid = c.relnamespace
  cross join lateral (
    values
      (
        '',
        pg_get_indexdef(x.oid),
        pg_get_indexdef(x.oid),
        format('drop index %I.%I', s.nspname, x.relname),
        1
      ),
      (
        'validity',
        case
          when i.indisvalid
          and i.indisready then ''
          else 'not valid: no query uses it'
        end,
        case
          when i.indisvalid
          and i.indisready then format(
            'reindex index %I.%I',
            s.nspname,
            x.relname
          )
        end,
        null,
        1
      ),
      (
        'comment',
        coalesce(obj_description(x.oid, 'pg_class'), ''),
        format(
          'comment on index %I.%I is %L',
          s.nspname,
          x.relname,
          obj_description(x.oid, 'pg_class')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where
  not x.relispartition
  and not exists (
    select 1
    from pg_catalog.pg_constraint as k
    where k.conindid = x.oid and k.contype in ('p', 'u', 'x')
  )
  and (cast('pg_class'::regclass as oid), c.oid) not in (
    select m.classid, m.objid
    from members as m
  )
union all
select
  'statistics',
  case
    when s.nspname = 'cowrie' then quote_ident(c.relname)
    else format('%I.%I', s.nspname, c.relname)
  end,
  e.stxname::text,
  '',
  pg_get_statisticsobjdef(e.oid),
  pg_get_statisticsobjdef(e.oid),
  format('drop statistics %I.%I', s.nspname, e.stxname),
  null,
  1,
  e.oid::bigint
from
  pg_catalog.pg_statistic_ext as e
  join pg_catalog.pg_class as c on c.oid = e.stxrelid
  join chosen as s on s.oid = c.relnamespace
order by 2, 3;
