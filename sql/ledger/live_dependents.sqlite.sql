-- The triggers and views of the database, triggers first, with the text that names what each needs.
--
-- Returns: many
-- Not null: kind, name, schema_name, table_name, arguments, needs

select
  o.type as kind,
  o.name,
  '' as schema_name,
  o.tbl_name as table_name,
  '' as arguments,
  coalesce(o.sql, '') as needs
from sqlite_schema as o
where o.type in ('trigger', 'view')
order by o.type, o.name;
