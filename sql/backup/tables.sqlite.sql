-- The tables of the store, in order.
--
-- Returns: many

select name
from sqlite_schema
where type = 'table' and name not like 'sqlite\_%' escape '\'
order by name;
