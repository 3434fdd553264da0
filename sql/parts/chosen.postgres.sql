-- The schemas that are looked at: the store's, or all others but the server's own; and their relations without the ledger.
with
  chosen as (
    select n.oid, n.nspname, n.nspowner
    from pg_catalog.pg_namespace as n
    where
      n.nspname not like 'pg\_%'
      and n.nspname != 'information_schema'
      and (n.nspname = 'cowrie') = (cast(:of_store as integer) = 1)
  ),
  listed as (
    select c.*, s.nspname
    from
      pg_catalog.pg_class as c
      join chosen as s on s.oid = c.relnamespace
    where c.relname !~ 'schema_ledger'
  )
select r.oid
from listed as r;
