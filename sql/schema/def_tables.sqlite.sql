-- Tables, with the SQL that makes and drops each; what they consist of is in their columns.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  case
    when o.sql like 'create virtual%' then 'virtual table'
    else 'table'
  end as kind,
  o.name as relation,
  '' as name,
  '' as facet,
  case
    when o.sql like 'create virtual%' then o.sql
    else ''
  end as value,
  o.sql as put,
  printf('drop table "%w"', o.name) as remove,
  cast(null as text) as part,
  1 as in_create,
  o.rowid as place
from
  sqlite_schema as o
  join pragma_table_list as l on l.schema = 'main' and l.name = o.name
where
  o.type = 'table'
  and l.type != 'shadow'
  and o.name not like 'sqlite\_%' escape '\'
  and :of_store is not null
  and :owner is not null
order by o.rowid;
