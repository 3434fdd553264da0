-- 0020_roles_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; the privileges come back with it. A superuser may drop the roles once no store of the server uses them.

do $$
declare
  v_role text;
begin
  for v_role in
    select r.rolname
    from pg_roles as r
    where r.rolname in ('cowrie_migrator', 'cowrie_loader', 'cowrie_reporter', 'cowrie_reconciler')
  loop
    execute format('revoke all on all tables in schema cowrie from %I', v_role);
    execute format('revoke all on all routines in schema cowrie from %I', v_role);
    execute format('revoke all on schema cowrie from %I', v_role);
  end loop;
end;
$$;
