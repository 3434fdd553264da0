-- check_role_privileges: where the roles may do more or less than they should; no rows when all is right.
--
-- Reads:   role_privileges; the catalogs
-- Needs:   role_privileges
-- Differs: postgres alone; sqlite has no roles.
--
-- difference: missing role, missing, unexpected, or owner is a superuser, which nobody is made a member of. PUBLIC is a
-- role here: it has nothing in the store.
create or replace view check_role_privileges as
  with
    store as (
      select n.oid, n.nspacl
      from pg_namespace as n
      where n.nspname = 'cowrie'
    ),
    roles as (
      select w.role_name, r.oid
      from
        (
          values
            ('cowrie_migrator'),
            ('cowrie_loader'),
            ('cowrie_reporter'),
            ('cowrie_reconciler')
        ) as w (role_name)
        left join pg_roles as r on r.rolname = w.role_name
    ),
    granted(grantee, object_kind, object_name, privilege) as (
      select a.grantee, 'table', c.relname::text, a.privilege_type
      from
        pg_class as c
        join store as s on s.oid = c.relnamespace
        cross join aclexplode(c.relacl) as a
      where c.relkind in ('r', 'p', 'v')
      union
      select
        a.grantee,
        'column',
        format('%I.%I', c.relname, t.attname),
        a.privilege_type
      from
        pg_class as c
        join store as s on s.oid = c.relnamespace
        join pg_attribute as t on t.attrelid = c.oid
        cross join aclexplode(t.attacl) as a
      union
      select a.grantee, 'routine', p.oid::regprocedure::text, a.privilege_type
      from
        pg_proc as p
        join store as s on s.oid = p.pronamespace
        cross join aclexplode(
          coalesce(p.proacl, acldefault('f', p.proowner))
        ) as a
      union
      select a.grantee, 'schema', 'cowrie', a.privilege_type
      from
        store as s
        cross join aclexplode(s.nspacl) as a
      union
      select m.member, 'role', r.rolname::text, 'MEMBER'
      from
        pg_auth_members as m
        join pg_roles as r on r.oid = m.roleid
    ),
    given as (
      select
        coalesce(r.role_name, 'public') as role_name,
        g.object_kind,
        g.object_name,
        g.privilege
      from
        granted as g
        left join roles as r on r.oid = g.grantee
      where g.grantee = 0 or r.oid is not null
    )
  select
    r.role_name,
    'role' as object_kind,
    r.role_name as object_name,
    'MEMBER' as privilege,
    'missing role' as difference
  from roles as r
  where r.oid is null
  union all
  select
    p.role_name,
    p.object_kind,
    p.object_name,
    p.privilege,
    case
      when o.rolsuper then 'owner is a superuser'
      else 'missing'
    end
  from
    role_privileges as p
    join roles as r on r.role_name = p.role_name and r.oid is not null
    left join pg_roles as o
      on p.object_kind = 'role' and o.rolname = p.object_name
  where
    not exists (
      select 1
      from given as g
      where
        g.role_name = p.role_name
        and g.object_kind = p.object_kind
        and g.object_name = p.object_name
        and g.privilege = p.privilege
    )
  union all
  select g.role_name, g.object_kind, g.object_name, g.privilege, 'unexpected'
  from given as g
  where
    -- What a role of the server is a member of beside the owner is the server's business.
    g.object_kind != 'role'
    and not exists (
      select 1
      from role_privileges as p
      where
        p.role_name = g.role_name
        and p.object_kind = g.object_kind
        and p.object_name = g.object_name
        and p.privilege = g.privilege
    );
