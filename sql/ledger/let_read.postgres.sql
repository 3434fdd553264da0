-- Lets the roles of the store read its ledger, and nothing else: where it has no procedures, whoever asks is told what is pending.
--
-- Run behind a change that leaves a migration out or takes one back; grant_roles gives the rest, once all of them are there.
--
-- Returns: none

do $$
declare
  v_role text;
begin
  for v_role in
    select r.rolname
    from pg_catalog.pg_roles as r
    where r.rolname in ('cowrie_loader', 'cowrie_reporter', 'cowrie_reconciler')
  loop
    begin
      execute format('grant usage on schema cowrie to %I', v_role);
      execute format('grant select on table cowrie.schema_ledger to %I', v_role);
    exception
      when insufficient_privilege then
        raise notice '% may not let % read the ledger', current_user, v_role;
    end;
  end loop;
end;
$$;
