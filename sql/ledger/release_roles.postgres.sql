-- Takes back what grant_roles has done, where the procedures go that it belongs to: what the roles may do, and what everybody may not.
--
-- A schema without procedures is as its migrations leave it. What a role is a member of is the server's, and stays: other
-- stores may rely on it. Of routines those are left that a table needs.
--
-- Returns: none

do $$
declare
  v_row record;
begin
  for v_row in
    with
      store as (
        select n.oid, n.nspacl
        from pg_catalog.pg_namespace as n
        where n.nspname = 'cowrie'
      ),
      granted(grantee, object) as (
        select a.grantee, format('table cowrie.%I', c.relname)
        from
          pg_catalog.pg_class as c
          join store as s on s.oid = c.relnamespace
          cross join aclexplode(c.relacl) as a
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union
        select a.grantee, format('table cowrie.%I', c.relname)
        from
          pg_catalog.pg_class as c
          join store as s on s.oid = c.relnamespace
          join pg_catalog.pg_attribute as t on t.attrelid = c.oid
          cross join aclexplode(t.attacl) as a
        union
        select a.grantee, format('routine %s', p.oid::regprocedure)
        from
          pg_catalog.pg_proc as p
          join store as s on s.oid = p.pronamespace
          cross join aclexplode(p.proacl) as a
        union
        select a.grantee, 'schema cowrie'
        from
          store as s
          cross join aclexplode(s.nspacl) as a
      )
    select format('revoke all on %s from %I', g.object, r.rolname) as command
    from
      granted as g
      join pg_catalog.pg_roles as r on r.oid = g.grantee
    where r.rolname in ('cowrie_loader', 'cowrie_reporter', 'cowrie_reconciler')
    union all
    select format('grant execute on routine %s to public', p.oid::regprocedure)
    from
      pg_catalog.pg_proc as p
      join store as s on s.oid = p.pronamespace
    where
      p.proacl is not null
      and not exists (
        select 1
        from aclexplode(p.proacl) as a
        where a.grantee = 0
      )
      and exists (
        select 1
        from pg_catalog.pg_depend as d
        where
          d.refclassid = 'pg_catalog.pg_proc'::regclass
          and d.refobjid = p.oid
          and d.classid in (
            'pg_catalog.pg_class'::regclass,
            'pg_catalog.pg_attrdef'::regclass,
            'pg_catalog.pg_constraint'::regclass
          )
      )
  loop
    begin
      execute v_row.command;
    exception
      when insufficient_privilege then
        raise notice '% may not: %', current_user, v_row.command;
    end;
  end loop;
end;
$$;
