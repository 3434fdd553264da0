-- Indexes that are not a constraints, and statistics of several columns, with the SQL that makes and drops each.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  'index' as kind,
  c.shown as relation,
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
  join own_relations as c on c.oid = i.indrelid
  join pg_catalog.pg_database as d on d.datname = current_database()
  join pg_catalog.pg_tablespace as e on e.oid = d.dattablespace
  left join pg_catalog.pg_tablespace as p on p.oid = x.reltablespace
  cross join lateral (
    values
      (
        '',
        pg_get_indexdef(x.oid),
        pg_get_indexdef(x.oid),
        format('drop index %I.%I', c.nspname, x.relname),
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
            c.nspname,
            x.relname
          )
        end,
        null,
        1
      ),
      (
        'tablespace',
        coalesce(p.spcname::text, ''),
        format(
          'alter index %I.%I set tablespace %I',
          c.nspname,
          x.relname,
          coalesce(p.spcname, e.spcname)
        ),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(x.oid, 'pg_class'), ''),
        format(
          'comment on index %I.%I is %L',
          c.nspname,
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
union all
select
  'statistics',
  c.shown,
  e.stxname::text,
  '',
  pg_get_statisticsobjdef(e.oid),
  pg_get_statisticsobjdef(e.oid),
  format('drop statistics %I.%I', c.nspname, e.stxname),
  null,
  1,
  e.oid::bigint
from
  pg_catalog.pg_statistic_ext as e
  join own_relations as c on c.oid = e.stxrelid
order by 2, 3;
