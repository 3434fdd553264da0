-- grant_roles: gives each role of the store what role_privileges says, and takes what it does not.
--
-- Takes:   nothing
-- Gives:   how many privileges were given or taken
-- Reads:   check_role_privileges
-- Fails:   never; a role that is missing, and what this user may not grant, stay in check_role_privileges
-- Differs: postgres alone; sqlite has no roles.
--
-- Called behind every change of the schema, since what is made anew has no grants. Whoever else has privileges keeps them.
create or replace function grant_roles()
returns bigint
language plpgsql
set search_path from current
as $$
declare
  v_row record;
  v_object text;
  v_done bigint := 0;
begin
  for v_row in execute
    'select * from check_role_privileges where difference in (''missing'', ''unexpected'')'
  loop
    v_object := case v_row.object_kind
      when 'table' then format('on table %I', v_row.object_name)
      when 'column' then format('on table %s', split_part(v_row.object_name, '.', 1))
      when 'routine' then format('on routine %s', v_row.object_name)
      when 'schema' then format('on schema %I', v_row.object_name)
    end;

    begin
      if v_row.object_kind = 'role' then
        execute format('grant %I to %I', v_row.object_name, v_row.role_name);
      elsif v_row.difference = 'missing' then
        execute format('grant %s %s to %I', v_row.privilege, v_object, v_row.role_name);
      else
        execute format(
          'revoke %s %s from %s',
          v_row.privilege,
          v_object,
          case v_row.role_name when 'public' then 'public' else quote_ident(v_row.role_name) end
        );
      end if;

      v_done := v_done + 1;
    exception
      when insufficient_privilege then
        raise notice '% may not set % % for %', current_user, v_row.privilege, v_object, v_row.role_name;
    end;
  end loop;

  return v_done;
end;
$$;
