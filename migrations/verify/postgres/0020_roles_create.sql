-- 0020_roles_create: roles that may do more than any of them should; no rows when the migration holds.
--
-- A role that is missing, and every privilege in the store, is in the view check_role_privileges.

select
  r.rolname as role_name,
  'attribute of the role' as kind,
  a.attribute as unwanted
from
  pg_roles as r
  cross join lateral (
    values
      ('superuser', r.rolsuper),
      ('createrole', r.rolcreaterole),
      ('createdb', r.rolcreatedb),
      ('replication', r.rolreplication),
      ('bypassrls', r.rolbypassrls)
  ) as a (attribute, is_set)
where
  r.rolname in (
    'cowrie_migrator',
    'cowrie_loader',
    'cowrie_reporter',
    'cowrie_reconciler'
  )
  and a.is_set;
