-- The schemas but the server's own, the session's temporary one, and what they hold; the ledger is left out.
with
  spaces as (
    select
      n.oid,
      n.nspowner,
      n.nspacl,
      case
        when n.oid = pg_my_temp_schema() then 'pg_temp'
        else n.nspname::text
      end as space
    from pg_catalog.pg_namespace as n
    where
      n.oid = pg_my_temp_schema()
      or (n.nspname not like 'pg\_%' and n.nspname != 'information_schema')
  ),
  relations as (
    select
      c.*,
      s.space || '.' || c.relname as full_name,
      case c.relkind
        when 'v' then 'view'
        when 'm' then 'materialized view'
        when 'S' then 'sequence'
        when 'f' then 'foreign table'
        when 'c' then 'composite type'
        when 'i' then 'index'
        when 'I' then 'index'
        else 'table'
      end as kind
    from
      pg_catalog.pg_class as c
      join spaces as s on s.oid = c.relnamespace
    where
      c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c', 'i', 'I')
      and c.relname !~ 'schema_ledger'
  ),
  routines as (
    select
      p.*,
      s.space || '.' || p.proname || '(' || pg_get_function_identity_arguments(
        p.oid
      ) || ')' as full_name
    from
      pg_catalog.pg_proc as p
      join spaces as s on s.oid = p.pronamespace
  )
select s.oid
from spaces as s;
