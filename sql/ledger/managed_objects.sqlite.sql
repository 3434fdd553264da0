-- The triggers and views of the store, triggers first, as they can be dropped.
--
-- Returns: many

select type as kind, name, tbl_name as table_name
from sqlite_schema
where type in ('trigger', 'view')
order by type, name;
