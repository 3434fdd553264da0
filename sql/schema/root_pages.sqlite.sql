-- The page on which each table or index begins, with the table it is of.
--
-- Returns: many
-- Not null: page, table_name

select
  o.rootpage as page,
  o.tbl_name as table_name
from sqlite_schema as o
where o.rootpage > 0
order by 1;
