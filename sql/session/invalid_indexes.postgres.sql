-- Indexes of one name in one of the schemas, a line each, or copies that a reindex of it has left, that are not valid; nobody is
-- building them.
--
-- Returns: many
-- Not null: name

select
  quote_ident(n.nspname::text) || '.' || quote_ident(c.relname::text) as name
from
  pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
  not (i.indisvalid and i.indisready)
  and n.nspname::text = any (string_to_array(cast(:schemas as text), chr(10)))
  and (
    c.relname::text = cast(:name as text)
    or c.relname::text ~ ('^' || cast(:name as text) || '_cc(new|old)[0-9]*$')
  )
  and not exists (
    select 1
    from pg_catalog.pg_stat_progress_create_index as p
    where p.index_relid = c.oid
  )
order by 1;
