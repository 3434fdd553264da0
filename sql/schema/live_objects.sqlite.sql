-- Every object of the database with what it is; a store and what lies beside it are not told apart.
--
-- What ANALYZE keeps is there after its first run, and is no part of a schema.
--
-- Returns: many
-- Not null: kind, name, digest

select o.type as kind, o.name, coalesce(o.sql, '') as digest
from sqlite_schema as o
where
  o.tbl_name != 'schema_ledger'
  and o.name not like 'sqlite\_stat%' escape '\'
  and :of_store is not null
order by o.type, o.name;
