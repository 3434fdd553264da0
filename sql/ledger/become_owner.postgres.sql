-- Goes on as the owner of the store until the transaction ends, where this user may: what is made belongs to him.
--
-- Returns: many
-- Not null: owner

select set_config('role', pg_get_userbyid(n.nspowner)::text, true) as owner
from pg_catalog.pg_namespace as n
where
  n.nspname = 'cowrie'
  and pg_get_userbyid(n.nspowner)::text != current_user::text
  and case
    when current_setting(
      'server_version_num'
    )::integer >= 160000 then pg_has_role(current_user, n.nspowner, 'SET')
    else pg_has_role(current_user, n.nspowner, 'MEMBER')
  end;
