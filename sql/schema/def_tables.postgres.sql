-- Schemas, tables and what tables inherit from, a row for each thing that can be said of one, with the SQL that makes it so.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  relations as (
    select
      r.*,
      k.keys as sleeping,
      i.identity,
      coalesce(p.spcname::text, '') as space,
      coalesce(p.spcname, e.spcname) as put_space,
      coalesce(nullif(m.amname::text, 'heap'), '') as method
    from
      own_relations as r
      left join lateral (
        select quote_ident(x.relname) as identity
        from
          pg_catalog.pg_index as i
          join pg_catalog.pg_class as x on x.oid = i.indexrelid
        where i.indrelid = r.oid and i.indisreplident
      ) as i
        on true
      left join lateral (
        select
          string_agg(
            distinct
            k.conname::text,
            ', '
            order by k.conname::text
          ) as keys
        from
          pg_catalog.pg_trigger as t
          join pg_catalog.pg_constraint as k on k.oid = t.tgconstraint
        where t.tgrelid = r.oid and t.tgisinternal and t.tgenabled = 'D'
      ) as k
        on true
      join pg_catalog.pg_database as d on d.datname = current_database()
      join pg_catalog.pg_tablespace as e on e.oid = d.dattablespace
      left join pg_catalog.pg_tablespace as p on p.oid = r.reltablespace
      left join pg_catalog.pg_am as m on m.oid = r.relam
    where r.relkind in ('r', 'p', 'f')
  )
select
  'schema' as kind,
  quote_ident(s.nspname) as relation,
  '' as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  s.oid::bigint as place
from
  chosen as s
  cross join base as b
  cross join lateral (
    values
      (
        '',
        '',
        format('create schema %I', s.nspname),
        format('drop schema %I', s.nspname),
        1
      ),
      (
        'owner',
        case
          when s.nspowner = b.oid
          or s.nspname = 'public' then ''
          else pg_get_userbyid(s.nspowner)::text
        end,
        format(
          'alter schema %I owner to %I',
          s.nspname,
          case
            when s.nspowner = b.oid then cast(:owner as text)
            else pg_get_userbyid(s.nspowner)::text
          end
        ),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(s.oid, 'pg_namespace'), ''),
        format(
          'comment on schema %I is %L',
          s.nspname,
          obj_description(s.oid, 'pg_namespace')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where
  (cast('pg_namespace'::regclass as oid), s.oid) not in (
    select m.classid, m.objid
    from members as m
  )
union all
select
  'table',
  r.shown,
  '',
  f.facet,
  f.value,
  f.put,
  f.remove,
  f.part,
  f.in_create,
  r.oid::bigint
from
  relations as r
  left join lateral (
    select i.inhparent::regclass::text as parent
    from pg_catalog.pg_inherits as i
    where i.inhrelid = r.oid and r.relispartition
  ) as h
    on true
  left join lateral (
    select
      format(
        ' server %I%s',
        v.srvname,
        (
          select
            format(
              ' options (%s)',
              string_agg(
                format('%I %L', o.option_name, o.option_value),
                ', '
                order by o.option_name
              )
            )
          from pg_options_to_table(t.ftoptions) as o
          having count(*) > 0
        )
      ) as source
    from
      pg_catalog.pg_foreign_table as t
      join pg_catalog.pg_foreign_server as v on v.oid = t.ftserver
    where t.ftrelid = r.oid
  ) as w
    on true
  cross join lateral (
    values
      (
        '',
        case r.relkind
          when 'p' then 'partition by ' || pg_get_partkeydef(r.oid)
          when 'f' then 'foreign table' || w.source
          else ''
        end,
        case
          when r.relkind = 'f' then format(
            'create foreign table %s',
            r.full_name
          )
          when r.relispartition then format(
            'create table %s partition of %s %s',
            r.full_name,
            h.parent,
            pg_get_expr(r.relpartbound, r.oid)
          )
          else format('create table %s', r.full_name)
        end,
        format(
          'drop %s %s',
          case r.relkind
            when 'f' then 'foreign table'
            else 'table'
          end,
          r.full_name
        ),
        case r.relkind
          when 'p' then ' partition by ' || pg_get_partkeydef(r.oid)
          when 'f' then w.source
        end,
        1
      ),
      (
        'partition',
        coalesce(
          'of ' || h.parent || ' ' || pg_get_expr(r.relpartbound, r.oid),
          ''
        ),
        case
          when h.parent is not null then format(
            'alter table %s attach partition %s %s',
            h.parent,
            r.full_name,
            pg_get_expr(r.relpartbound, r.oid)
          )
        end,
        case
          when h.parent is not null then format(
            'alter table %s detach partition %s',
            h.parent,
            r.full_name
          )
        end,
        null,
        1
      ),
      (
        'persistence',
        case r.relpersistence
          when 'u' then 'unlogged'
          else ''
        end,
        format(
          'alter table %s set %s',
          r.full_name,
          case r.relpersistence
            when 'u' then 'unlogged'
            else 'logged'
          end
        ),
        null,
        null,
        0
      ),
      (
        'owner',
        r.owner_name,
        format('alter table %s owner to %I', r.full_name, r.owner_text),
        null,
        null,
        0
      ),
      (
        'tablespace',
        r.space,
        format('alter table %s set tablespace %I', r.full_name, r.put_space),
        null,
        null,
        0
      ),
      (
        'access method',
        r.method,
        format(
          'alter table %s set access method %I',
          r.full_name,
          coalesce(nullif(r.method, ''), 'heap')
        ),
        null,
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(r.oid, 'pg_class'), ''),
        format(
          'comment on %s %s is %L',
          case r.relkind
            when 'f' then 'foreign table'
            else 'table'
          end,
          r.full_name,
          obj_description(r.oid, 'pg_class')
        ),
        null,
        null,
        0
      )
  ) as f (facet, value, put, remove, part, in_create)
union all
select
  'table',
  r.shown,
  '',
  f.facet,
  f.value,
  f.put,
  null,
  null,
  0,
  r.oid::bigint
from
  relations as r
  cross join lateral (
    values
      (
        'row security',
        case
          when r.relrowsecurity then 'on'
          else ''
        end,
        format(
          'alter table %s %s row level security',
          r.full_name,
          case
            when r.relrowsecurity then 'enable'
            else 'disable'
          end
        )
      ),
      (
        'row security of its owner',
        case
          when r.relforcerowsecurity then 'on'
          else ''
        end,
        format(
          'alter table %s %s row level security',
          r.full_name,
          case
            when r.relforcerowsecurity then 'force'
            else 'no force'
          end
        )
      ),
      (
        'replica identity',
        case
          when r.relreplident = 'd'
          or r.relkind = 'f' then ''
          when r.relreplident = 'n' then 'nothing'
          when r.relreplident = 'f' then 'full'
          else 'the index ' || coalesce(r.identity, '')
        end,
        case
          when r.relreplident != 'i'
          or r.identity is not null then format(
            'alter table %s replica identity %s',
            r.full_name,
            case r.relreplident
              when 'n' then 'nothing'
              when 'f' then 'full'
              when 'i' then 'using index ' || r.identity
              else 'default'
            end
          )
        end
      ),
      (
        'enforcement of foreign keys',
        coalesce('off for ' || r.sleeping, ''),
        format(
          'alter table %s %s trigger all',
          r.full_name,
          case
            when r.sleeping is null then 'enable'
            else 'disable'
          end
        )
      )
  ) as f (facet, value, put)
union all
select
  'parent',
  r.shown,
  i.inhparent::regclass::text,
  '',
  '',
  format('alter table %s inherit %s', r.full_name, i.inhparent::regclass),
  format('alter table %s no inherit %s', r.full_name, i.inhparent::regclass),
  null,
  1,
  i.inhseqno::bigint
from
  relations as r
  join pg_catalog.pg_inherits as i on i.inhrelid = r.oid
where not r.relispartition;
