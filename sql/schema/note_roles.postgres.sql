-- Notes, until the transaction ends, which roles of stores there are on the server.
--
-- Returns: one

select
  set_config(
    'cowriedb.known_roles',
    coalesce(string_agg(r.rolname::text, ' '), ''),
    true
  ) as known
from pg_catalog.pg_roles as r
where r.rolname like 'cowrie\_%';
