-- Functions and procedures, domains and enumerations, a row for each thing that can be said of one, with the SQL that makes it so.
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
  routines as (
    select
      p.*,
      case p.prokind
        when 'p' then 'procedure'
        when 'a' then 'aggregate'
        else 'function'
      end as kind,
      case
        when s.nspname = 'cowrie' then ''
        else quote_ident(s.nspname) || '.'
      end || format(
        '%I(%s)',
        p.proname,
        pg_get_function_identity_arguments(p.oid)
      ) as shown,
      p.oid::regprocedure::text as full_name,
      case
        when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid)
      end as text,
      case
        when p.proowner = b.oid then ''
        else pg_get_userbyid(p.proowner)::text
      end as owner_name,
      case
        when p.proowner = b.oid then cast(:owner as text)
        else pg_get_userbyid(p.proowner)::text
      end as owner_text,
      exists (
        select 1
        from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
        where a.grantee = 0
      ) as is_public
    from
      pg_catalog.pg_proc as p
      join chosen as s on s.oid = p.pronamespace
      cross join base as b
    where
      (cast('pg_proc'::regclass as oid), p.oid) not in (
        select m.classid, m.objid
        from members as m
      )
  )
select
  r.kind,
  r.shown as relation,
  '' as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  r.oid::bigint as place
from
  routines as r
  join pg_catalog.pg_language as l on l.oid = r.prolang
  cross join lateral (
    values
      ('', '', r.text, format('drop %s %s', r.kind, r.full_name), 1),
      ('arguments', pg_get_function_arguments(r.oid), null, null, 1),
      ('result', coalesce(pg_get_function_result(r.oid), ''), null, null, 1),
      (
        'body',
        coalesce(pg_get_function_sqlbody(r.oid), r.prosrc, ''),
        r.text,
        null,
        1
      ),
      ('language', l.lanname::text, r.text, null, 1),
      (
        'volatility',
        case r.provolatile
          when 'i' then 'immutable'
          when 's' then 'stable'
          else 'volatile'
        end,
        r.text,
        null,
        1
      ),
      (
        'security',
        case
          when r.prosecdef then 'definer'
          else 'invoker'
        end,
        r.text,
        null,
        1
      ),
      (
        'null rule',
        case
          when r.proisstrict then 'null where an argument is null'
          else 'called on null'
        end,
        r.text,
        null,
        1
      ),
      (
        'parallel rule',
        case r.proparallel
          when 's' then 'safe'
          when 'r' then 'restricted'
          else 'unsafe'
        end,
        r.text,
        null,
        1
      ),
      (
        'leakproof',
        case
          when r.proleakproof then 'yes'
          else 'no'
        end,
        r.text,
        null,
        1
      ),
      (
        'cost and rows',
        format('%s, %s', r.procost, r.prorows),
        r.text,
        null,
        1
      ),
      (
        'settings',
        coalesce(array_to_string(r.proconfig, '; '), ''),
        r.text,
        null,
        1
      ),
      (
        'use by everybody',
        case
          when r.is_public then ''
          else 'refused'
        end,
        format(
          case
            when r.is_public then 'grant execute on %s %s to public'
            else 'revoke execute on %s %s from public'
          end,
          case r.kind
            when 'procedure' then 'procedure'
            else 'function'
          end,
          r.full_name
        ),
        null,
        0
      ),
      (
        'owner',
        r.owner_name,
        format('alter %s %s owner to %I', r.kind, r.full_name, r.owner_text),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(r.oid, 'pg_proc'), ''),
        format(
          'comment on %s %s is %L',
          r.kind,
          r.full_name,
          obj_description(r.oid, 'pg_proc')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
union all
select
  case y.typtype
    when 'd' then 'domain'
    else 'type'
  end,
  case
    when s.nspname = 'cowrie' then quote_ident(y.typname)
    else format('%I.%I', s.nspname, y.typname)
  end,
  '',
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  f.in_create,
  y.oid::bigint
from
  pg_catalog.pg_type as y
  join chosen as s on s.oid = y.typnamespace
  left join pg_catalog.pg_class as c on c.oid = y.typrelid
  cross join lateral (
    select
      format('%I.%I', s.nspname, y.typname) as full_name,
      case y.typtype
        when 'd' then format_type(y.typbasetype, y.typtypmod)
        when 'e' then (
          select
            format(
              'enum (%s)',
              string_agg(
                quote_literal(e.enumlabel),
                ', '
                order by e.enumsortorder
              )
            )
          from pg_catalog.pg_enum as e
          where e.enumtypid = y.oid
        )
        when 'c' then (
          select
            format(
              '(%s)',
              string_agg(
                format(
                  '%I %s',
                  a.attname,
                  format_type(a.atttypid, a.atttypmod)
                ),
                ', '
                order by a.attnum
              )
            )
          from pg_catalog.pg_attribute as a
          where a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
        )
        else 'range'
      end as text
  ) as t
  cross join lateral (
    values
      (
        '',
        t.text,
        case
          when y.typtype = 'r' then null
          else format(
            'create %s %s as %s',
            case y.typtype
              when 'd' then 'domain'
              else 'type'
            end,
            t.full_name,
            t.text
          )
        end,
        format(
          'drop %s %s',
          case y.typtype
            when 'd' then 'domain'
            else 'type'
          end,
          t.full_name
        ),
        1
      ),
      (
        'default',
        coalesce(y.typdefault, ''),
        format(
          'alter domain %s %s',
          t.full_name,
          coalesce('set default ' || y.typdefault, 'drop default')
        ),
        null,
        0
      ),
      (
        'nullability',
        case
          when y.typnotnull then 'not null'
          else ''
        end,
        format(
          'alter domain %s %s not null',
          t.full_name,
          case
            when y.typnotnull then 'set'
            else 'drop'
          end
        ),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(y.oid, 'pg_type'), ''),
        format(
          'comment on %s %s is %L',
          case y.typtype
            when 'd' then 'domain'
            else 'type'
          end,
          t.full_name,
          obj_description(y.oid, 'pg_type')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where
  (y.typtype in ('d', 'e', 'r') or c.relkind = 'c')
  and (cast('pg_type'::regclass as oid), y.oid) not in (
    select m.classid, m.objid
    from members as m
  )
order by 2;
