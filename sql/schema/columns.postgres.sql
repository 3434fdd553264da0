-- Every column of every table that holds rows, with what a row needs there; the ledger is left out.
--
-- Returns: many
-- Not null: table_name, name, type, may_be_null, has_default, is_generated, key_position

select
  format('%I.%I', n.nspname, c.relname) as table_name,
  a.attname::text as name,
  case
    when y.typtype = 'd' then format_type(y.typbasetype, y.typtypmod)
    else format_type(a.atttypid, a.atttypmod)
  end as type,
  (not a.attnotnull and not y.typnotnull)::integer as may_be_null,
  (d.adbin is not null or a.attidentity != '')::integer as has_default,
  (a.attgenerated != '' or a.attidentity = 'a')::integer as is_generated,
  coalesce(array_position(k.conkey, a.attnum), 0) as key_position,
  (
    select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
    from pg_catalog.pg_enum as e
    where
      e.enumtypid = case
        when y.typtype = 'd' then y.typbasetype
        else y.oid
      end
  ) as labels
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute as a
    on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type as y on y.oid = a.atttypid
  left join pg_catalog.pg_attrdef as d
    on d.adrelid = c.oid and d.adnum = a.attnum
  left join pg_catalog.pg_constraint as k
    on k.conrelid = c.oid and k.contype = 'p'
where
  c.relkind in ('r', 'p')
  and not c.relispartition
  and c.relname != 'schema_ledger'
  and n.nspname not like 'pg\_%'
  and n.nspname != 'information_schema'
order by 1, a.attname collate "C";
