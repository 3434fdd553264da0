-- The columns of every foreign key, a pair a row.
--
-- Returns: many
-- Not null: table_name, name, column_name, parent_table, parent_column, on_update, on_delete

select
  format('%I.%I', n.nspname, c.relname) as table_name,
  k.conname::text as name,
  a.attname::text as column_name,
  format('%I.%I', o.nspname, p.relname) as parent_table,
  b.attname::text as parent_column,
  case k.confupdtype
    when 'r' then 'restrict'
    when 'c' then 'cascade'
    when 'n' then 'set null'
    when 'd' then 'set default'
    else 'no action'
  end as on_update,
  case k.confdeltype
    when 'r' then 'restrict'
    when 'c' then 'cascade'
    when 'n' then 'set null'
    when 'd' then 'set default'
    else 'no action'
  end as on_delete
from
  pg_catalog.pg_constraint as k
  join pg_catalog.pg_class as c on c.oid = k.conrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_class as p on p.oid = k.confrelid
  join pg_catalog.pg_namespace as o on o.oid = p.relnamespace
  cross join lateral unnest(k.conkey, k.confkey) with ordinality as u (
    attnum,
    parent_attnum,
    place
  )
  join pg_catalog.pg_attribute as a
    on a.attrelid = c.oid and a.attnum = u.attnum
  join pg_catalog.pg_attribute as b
    on b.attrelid = p.oid and b.attnum = u.parent_attnum
where k.contype = 'f' and k.conparentid = 0 and n.nspname not like 'pg\_%'
order by 1, 2, u.place;
