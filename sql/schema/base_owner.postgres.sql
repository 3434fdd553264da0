-- Whose a store is, or the ledger of somebody's own folder: what he owns is as it should be.
--
-- Returns: one
-- Not null: owner

select
  pg_get_userbyid(
    case
      when cast(:of_store as integer) = 1 then n.nspowner
      else coalesce(c.relowner, n.nspowner)
    end
  )::text as owner
from
  pg_catalog.pg_namespace as n
  left join pg_catalog.pg_class as c
    on c.relnamespace = n.oid and c.relname = 'schema_ledger'
where n.nspname = 'cowrie';
