-- Tables and views with about how many rows they have, and the tables of indexes; from the catalogs alone, without a lock.
--
-- A table that was never analyzed has the rows that the statistics have counted since it was made.
--
-- Returns: many
-- Not null: kind, name, table_name, row_count

select
  case
    when i.indexrelid is not null then 'index'
    when c.relkind = 'v' then 'view'
    else 'table'
  end as kind,
  n.nspname || '.' || c.relname as name,
  case
    when i.indexrelid is null then n.nspname || '.' || c.relname
    else n.nspname || '.' || t.relname
  end as table_name,
  case
    when c.reltuples >= 0 then round(c.reltuples)::bigint
    else pg_stat_get_live_tuples(c.oid)
  end as row_count
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  left join pg_catalog.pg_index as i on i.indexrelid = c.oid
  left join pg_catalog.pg_class as t on t.oid = i.indrelid
where
  c.relkind in ('r', 'p', 'm', 'v', 'i', 'I')
  and n.nspname not like 'pg\_%'
  and n.nspname != 'information_schema'
order by 1, 2;
