-- Privileges, one a row, with the SQL that grants and revokes it; those of the owner come with the thing.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  things as (
    select
      case c.relkind
        when 'S' then 'sequence'
        else 'table'
      end as kind,
      c.shown as shown,
      c.full_name,
      '' as column_name,
      c.relowner as owner,
      coalesce(
        c.relacl,
        acldefault(
          case c.relkind
            when 'S' then 's'::"char"
            else 'r'::"char"
          end,
          c.relowner
        )
      ) as acl
    from own_relations as c
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    select
      'table',
      c.shown,
      c.full_name,
      a.attname::text,
      c.relowner,
      a.attacl
    from
      pg_catalog.pg_attribute as a
      join own_relations as c on c.oid = a.attrelid
    where a.attacl is not null and not a.attisdropped
    union all
    select
      case p.prokind
        when 'p' then 'procedure'
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
      p.oid::regprocedure::text,
      '',
      p.proowner,
      coalesce(p.proacl, acldefault('f', p.proowner))
    from
      pg_catalog.pg_proc as p
      join chosen as s on s.oid = p.pronamespace
    where
      (cast('pg_proc'::regclass as oid), p.oid) not in (
        select m.classid, m.objid
        from members as m
      )
    union all
    select
      'type',
      case
        when s.nspname = 'cowrie' then quote_ident(y.typname)
        else format('%I.%I', s.nspname, y.typname)
      end,
      format('%I.%I', s.nspname, y.typname),
      '',
      y.typowner,
      coalesce(y.typacl, acldefault('T', y.typowner))
    from
      pg_catalog.pg_type as y
      join chosen as s on s.oid = y.typnamespace
      left join pg_catalog.pg_class as c on c.oid = y.typrelid
    where
      (y.typtype in ('d', 'e', 'r') or c.relkind = 'c')
      and (cast('pg_type'::regclass as oid), y.oid) not in (
        select m.classid, m.objid
        from members as m
      )
    union all
    select
      'schema',
      quote_ident(s.nspname),
      quote_ident(s.nspname),
      '',
      s.nspowner,
      coalesce(n.nspacl, acldefault('n', s.nspowner))
    from
      chosen as s
      join pg_catalog.pg_namespace as n on n.oid = s.oid
  ),
  granted as (
    select
      t.*,
      a.privilege_type,
      bool_or(a.is_grantable) as is_grantable,
      case
        when a.grantee = 0 then 'public'
        when a.grantee = t.owner then 'its owner'
        else pg_get_userbyid(a.grantee)::text
      end as grantee_name,
      case
        when a.grantee = 0 then 'public'
        when a.grantee = t.owner
        and t.owner = b.oid then quote_ident(cast(:owner as text))
        else quote_ident(pg_get_userbyid(a.grantee))
      end as grantee_text
    from
      things as t
      cross join base as b
      cross join lateral aclexplode(t.acl) as a
    group by
      t.kind,
      t.shown,
      t.full_name,
      t.column_name,
      t.owner,
      t.acl,
      b.oid,
      a.grantee,
      a.privilege_type
  )
select
  'privilege' as kind,
  g.shown as relation,
  concat_ws(
    ' ',
    lower(g.privilege_type),
    case
      when g.column_name != '' then format('(%I)', g.column_name)
    end,
    'for',
    g.grantee_name
  ) as name,
  '' as facet,
  case
    when g.is_grantable
    and g.grantee_name != 'its owner' then 'with the right to pass it on'
    else ''
  end as value,
  format(
    'grant %s to %s%s',
    v.what,
    g.grantee_text,
    case
      when g.is_grantable
      and g.grantee_name != 'its owner' then ' with grant option'
      else ''
    end
  ) as put,
  format('revoke %s from %s', v.what, g.grantee_text) as remove,
  g.kind as part,
  case
    when g.grantee_name = 'its owner'
    or (g.kind = 'type' and g.grantee_name = 'public') then 1
    else 0
  end as in_create,
  cast(0 as bigint) as place
from
  granted as g
  cross join lateral (
    select
      format(
        '%s%s on %s %s',
        lower(g.privilege_type),
        case
          when g.column_name = '' then ''
          else format(' (%I)', g.column_name)
        end,
        g.kind,
        g.full_name
      ) as what
  ) as v
where not (g.kind in ('function', 'procedure') and g.grantee_name = 'public')
union all
select
  'default privilege',
  coalesce(quote_ident(s.nspname), ''),
  format(
    '%s on %s made by %s for %s',
    lower(a.privilege_type),
    v.things,
    pg_get_userbyid(d.defaclrole),
    case
      when a.grantee = 0 then 'public'
      else pg_get_userbyid(a.grantee)::text
    end
  ),
  '',
  '',
  format(
    'alter default privileges for role %I in schema %I grant %s on %s to %s',
    pg_get_userbyid(d.defaclrole),
    s.nspname,
    lower(a.privilege_type),
    v.things,
    case
      when a.grantee = 0 then 'public'
      else quote_ident(pg_get_userbyid(a.grantee))
    end
  ),
  format(
    'alter default privileges for role %I in schema %I revoke %s on %s from %s',
    pg_get_userbyid(d.defaclrole),
    s.nspname,
    lower(a.privilege_type),
    v.things,
    case
      when a.grantee = 0 then 'public'
      else quote_ident(pg_get_userbyid(a.grantee))
    end
  ),
  null,
  0,
  d.oid::bigint
from
  pg_catalog.pg_default_acl as d
  join chosen as s on s.oid = d.defaclnamespace
  cross join lateral aclexplode(d.defaclacl) as a
  cross join lateral (
    select
      case d.defaclobjtype
        when 'r' then 'tables'
        when 'S' then 'sequences'
        when 'f' then 'functions'
        when 'T' then 'types'
        else 'schemas'
      end as things
  ) as v
order by 2, 3;
