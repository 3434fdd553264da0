-- 0020_roles_create
--
-- Why:         Who loads need not be able to change rules, who reports nothing at all; each task has a role with its privileges alone.
-- Locks:       None on a table. Roles are of the whole server: a row each in its list of roles.
-- Rewrites:    Nothing.
-- Undo:        The down file takes all privileges in this store from the roles. The roles stay, for other stores of the server may use them.
-- Transaction: one
-- Differs:     sqlite has no roles.
-- Then:        runbooks/grant-roles.md, where the user who migrates may not create roles.

-- What each role may do is no part of this file: it is granted anew behind every change of the schema.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['cowrie_migrator', 'cowrie_loader', 'cowrie_reporter', 'cowrie_reconciler']
  loop
    continue when exists (select 1 from pg_roles as r where r.rolname = v_role);

    begin
      execute format('create role %I nologin', v_role);
    exception
      when insufficient_privilege then
        raise notice 'role % is not created: % may not create roles', v_role, current_user;
      when duplicate_object or sqlstate '23505' then
        -- Another store of the server has just made it.
        null;
    end;
  end loop;
end;
$$;
