-- Triggers, with the SQL that makes and drops each.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  o.type as kind,
  o.tbl_name as relation,
  o.name,
  '' as facet,
  o.sql as value,
  o.sql as put,
  printf('drop trigger "%w"', o.name) as remove,
  cast(null as text) as part,
  1 as in_create,
  o.rowid as place
from sqlite_schema as o
where
  o.type = 'trigger'
  and o.sql is not null
  and :of_store is not null
  and :owner is not null
order by o.rowid;
