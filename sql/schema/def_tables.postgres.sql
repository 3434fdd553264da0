-- Schemas, tables and sequences, a row for each thing that can be said of one, with the SQL that makes it so.
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
  ),
  relations as (
    select
      c.*,
      format('%I.%I', s.nspname, c.relname) as full_name,
      case
        when s.nspname = 'cowrie' then quote_ident(c.relname)
        else format('%I.%I', s.nspname, c.relname)
      end as shown,
      case c.relkind
        when 'S' then 'sequence'
        else 'table'
      end as kind,
      case
        when c.relowner = b.oid then ''
        else pg_get_userbyid(c.relowner)::text
      end as owner_name,
      case
        when c.relowner = b.oid then cast(:owner as text)
        else pg_get_userbyid(c.relowner)::text
      end as owner_text,
      q.options,
      k.keys as sleeping
    from
      pg_catalog.pg_class as c
      join chosen as s on s.oid = c.relnamespace
      cross join base as b
      left join lateral (
        select
          format(
            'as %s increment by %s minvalue %s maxvalue %s start with %s cache %s%s',
            format_type(q.seqtypid, null),
            q.seqincrement,
            q.seqmin,
            q.seqmax,
            q.seqstart,
            q.seqcache,
            case
              when q.seqcycle then ' cycle'
              else ' no cycle'
            end
          ) as options
        from pg_catalog.pg_sequence as q
        where q.seqrelid = c.oid
      ) as q
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
        where t.tgrelid = c.oid and t.tgisinternal and t.tgenabled = 'D'
      ) as k
        on true
    where
      c.relkind in ('r', 'p', 'S', 'f')
      and not exists (
        select 1
        from pg_catalog.pg_depend as d
        where
          d.classid = 'pg_class'::regclass
          and d.objid = c.oid
          and d.deptype in ('i', 'e')
          and (c.relkind = 'S' or d.deptype = 'e')
      )
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
  r.kind,
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
  cross join lateral (
    values
      (
        '',
        case r.relkind
          when 'S' then ''
          when 'p' then 'partition by ' || pg_get_partkeydef(r.oid)
          when 'f' then 'foreign table'
          else coalesce(pg_get_expr(r.relpartbound, r.oid), '')
        end,
        case
          when r.relkind = 'S' then format(
            'create sequence %s %s',
            r.full_name,
            r.options
          )
          when r.relkind = 'f' then null
          when r.relispartition then (
            select
              format(
                'create table %s partition of %s %s',
                r.full_name,
                i.inhparent::regclass,
                pg_get_expr(r.relpartbound, r.oid)
              )
            from pg_catalog.pg_inherits as i
            where i.inhrelid = r.oid
          )
          else format('create table %s', r.full_name)
        end,
        format(
          'drop %s %s',
          case r.relkind
            when 'f' then 'foreign table'
            else r.kind
          end,
          r.full_name
        ),
        case
          when r.relkind = 'p' then ' partition by ' || pg_get_partkeydef(r.oid)
        end,
        1
      ),
      (
        'persistence',
        case r.relpersistence
          when 'u' then 'unlogged'
          else ''
        end,
        format(
          'alter %s %s set %s',
          r.kind,
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
        format('alter %s %s owner to %I', r.kind, r.full_name, r.owner_text),
        null,
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(r.oid, 'pg_class'), ''),
        format(
          'comment on %s %s is %L',
          r.kind,
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
        case r.relreplident
          when 'd' then ''
          when 'n' then 'nothing'
          when 'f' then 'full'
          else 'an index'
        end,
        case
          when r.relreplident = 'i' then null
          else format(
            'alter table %s replica identity %s',
            r.full_name,
            case r.relreplident
              when 'n' then 'nothing'
              when 'f' then 'full'
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
where r.kind = 'table'
union all
select
  'sequence',
  r.shown,
  '',
  f.facet,
  f.value,
  f.put,
  null,
  null,
  f.in_create,
  r.oid::bigint
from
  relations as r
  left join lateral (
    select format('%s.%I', d.refobjid::regclass, a.attname) as owned_by
    from
      pg_catalog.pg_depend as d
      join pg_catalog.pg_attribute as a
        on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where
      d.classid = 'pg_class'::regclass
      and d.objid = r.oid
      and d.deptype = 'a'
  ) as w
    on true
  cross join lateral (
    values
      (
        'options',
        r.options,
        format(
          'alter sequence %s %s',
          r.full_name,
          replace(r.options, 'start with', 'start')
        ),
        1
      ),
      (
        'column that owns it',
        coalesce(w.owned_by, ''),
        format(
          'alter sequence %s owned by %s',
          r.full_name,
          coalesce(w.owned_by, 'none')
        ),
        0
      )
  ) as f (facet, value, put, in_create)
where r.kind = 'sequence';
