-- Drops the roles of stores that this transaction has made: they are of the whole server, and a throw-away database is nobody's.
--
-- Returns: none

do $$
declare
  v_role text;
begin
  for v_role in
    select r.rolname
    from pg_roles as r
    where
      r.rolname in ('cowrie_migrator', 'cowrie_loader', 'cowrie_reporter', 'cowrie_reconciler')
      and r.rolname::text != all (string_to_array(current_setting('cowriedb.known_roles'), ' '))
  loop
    -- Who is a member of us cannot take us for a member.
    if pg_has_role(v_role, current_user, 'MEMBER') then
      execute format('revoke %I from %I', current_user, v_role);
    end if;

    if not pg_has_role(v_role, 'USAGE') then
      execute format('grant %I to %I', v_role, current_user);
    end if;

    execute format('drop owned by %I cascade', v_role);
    execute format('drop role %I', v_role);
  end loop;
end;
$$;
