-- What a database holds that is not the engine's own, each with the statement that drops it.
--
-- Returns: many
-- Not null: name, statement

select
  o.name,
  'drop ' || o.type || ' "' || replace(o.name, '"', '""') || '"' as statement
from sqlite_schema as o
where o.type in ('table', 'view') and o.name not like 'sqlite\_%' escape '\'
order by o.type desc, o.name;
