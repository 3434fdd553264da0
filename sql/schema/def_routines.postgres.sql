-- Functions and procedures, a row for each thing that can be said of one, with the SQL that makes it so.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
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
        -- One over windows or sets is told alone.
        else (
          select
            format(
              'create or replace aggregate %s (sfunc = %s, stype = %s%s%s%s, parallel = %s)',
              p.oid::regprocedure,
              g.aggtransfn::regproc,
              g.aggtranstype::regtype,
              ', finalfunc = ' || nullif(g.aggfinalfn::oid, 0)::regproc,
              ', combinefunc = ' || nullif(g.aggcombinefn::oid, 0)::regproc,
              ', initcond = ' || quote_literal(g.agginitval),
              case p.proparallel
                when 's' then 'safe'
                when 'r' then 'restricted'
                else 'unsafe'
              end
            )
          from pg_catalog.pg_aggregate as g
          where
            g.aggfnoid = p.oid
            and g.aggkind = 'n'
            and g.aggmtransfn = 0
            and g.aggserialfn = 0
            and g.aggsortop = 0
        )
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
        coalesce(
          (
            select
              concat_ws(
                ', ',
                g.aggkind,
                g.aggtransfn::regproc,
                nullif(g.aggfinalfn::oid, 0)::regproc,
                nullif(g.aggcombinefn::oid, 0)::regproc,
                g.aggtranstype::regtype,
                g.agginitval
              )
            from pg_catalog.pg_aggregate as g
            where g.aggfnoid = r.oid
          ),
          pg_get_function_sqlbody(r.oid),
          r.prosrc,
          ''
        ),
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
order by r.shown;
