-- The tables of the store by size, greatest first, with rows and dead rows as the statistics have them.
--
-- Returns: many
-- Not null: name, size_bytes, row_count, dead_rows

select
  c.relname::text as name,
  pg_total_relation_size(c.oid) as size_bytes,
  coalesce(t.n_live_tup, 0)::bigint as row_count,
  coalesce(t.n_dead_tup, 0)::bigint as dead_rows
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_stat_all_tables as t on t.relid = c.oid
where
  n.nspname = 'cowrie'
  and c.relkind in ('r', 'm')
  and cast(:most_bytes as bigint) > 0
order by 2 desc, 1;
