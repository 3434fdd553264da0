-- Tables and views with about how many rows they have, and the tables of indexes; nothing is counted.
--
-- The runner counts the rows of those tables that a plan reads or writes all of.
--
-- Returns: many
-- Not null: kind, name, table_name, row_count

select
  case
    when o.type = 'index' then 'index'
    else 'table'
  end as kind,
  o.name,
  o.tbl_name as table_name,
  cast(-1 as integer) as row_count
from sqlite_schema as o
where
  o.type in ('table', 'view', 'index')
  and o.name not like 'sqlite\_%' escape '\'
order by 1, 2;
