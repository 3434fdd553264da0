-- What this transaction has done to each table that is there: its file, and the rows that it has read and written.
--
-- Returns: many
-- Not null: oid, name, file, row_count, rows_read, rows_written

select
  c.oid::bigint as oid,
  n.nspname || '.' || c.relname as name,
  c.relfilenode::bigint as file,
  case
    when c.reltuples >= 0 then round(c.reltuples)::bigint
    else pg_stat_get_live_tuples(c.oid)
  end as row_count,
  pg_stat_get_xact_tuples_returned(c.oid) as rows_read,
  pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(
    c.oid
  ) + pg_stat_get_xact_tuples_deleted(c.oid) as rows_written
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
  c.relkind in ('r', 'p', 'm', 'v')
  and n.nspname not like 'pg\_%'
  and n.nspname != 'information_schema'
order by c.oid;
